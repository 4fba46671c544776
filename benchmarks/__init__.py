"""The measurements of the targets for speed: ``python -m benchmarks``. Nothing here is part of the program."""
