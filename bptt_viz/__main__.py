"""``python -m bptt_viz``. Imports ``cli`` only."""

from bptt_viz.cli import main

if __name__ == "__main__":
    main()
