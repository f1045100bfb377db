"""``python -m pathgraph`` is the command ``pathgraph``."""

from pathgraph.cli import main

if __name__ == "__main__":
    main()
