"""Which of the bundled scenarios tests go through number by number; ``test_scenarios`` goes through all, end to end."""

from __future__ import annotations

from typing import Final

#: A language model, and the plain cell with one and with two units.
LESSONS: Final = ("length-three", "scalar-t3", "wo-zuotian")
