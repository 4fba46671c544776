"""The chain-rule terms of a few steps, by SymPy, beside the engine's. Only ``symbolic`` and below import sympy."""
