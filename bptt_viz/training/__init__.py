"""Training: ``moment``, ``editing``, ``undo``, and ``wire`` and ``worker`` of its process. No screen.

``Moment.of(trace)`` is the first moment; ``further(moment, trace, n)`` gives the one n updates later;
``moment.at(trace)`` is the same one with parameters that were edited. None of them changes. ``Undo`` keeps those that
can be gone back to.
"""
