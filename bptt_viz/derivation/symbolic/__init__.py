"""SymPy derives the chain-rule terms from the forward equations: the only room that imports sympy, entered late.

It is an oracle beside the engine, and shares no derivative with it: what is used of the engine's modules
are the declarations of cells (``equations``, ``cells``), never a pullback, ``Loss.gradient`` or φ′.
"""

from bptt_viz.derivation.symbolic.deriving import terms

__all__ = ["terms"]
