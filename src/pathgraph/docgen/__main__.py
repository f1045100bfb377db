"""``python -m pathgraph.docgen [--check]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pathgraph.docgen import stale_documents, write_documents

_FOLDER = Path("docs/generated")


def main() -> int:
    """Write the documents, or with ``--check`` say which are not current; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pathgraph.docgen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if not current")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help=f"default: {_FOLDER}")
    given = parser.parse_args()
    if given.check:
        sentences = stale_documents(given.folder)
        for sentence in sentences:
            print(f"{given.folder}: {sentence} Run `make docs`.")
        return 1 if sentences else 0
    for name in write_documents(given.folder):
        print(f"wrote {given.folder / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
