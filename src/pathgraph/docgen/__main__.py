"""``python -m pathgraph.docgen [--check]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pathgraph.docgen import stale_documents, write_documents
from pathgraph.errors import PathgraphError

_FOLDER = Path("docs/generated")


def main() -> int:
    """Write the documents, or with ``--check`` say which are not current; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pathgraph.docgen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if not current")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help=f"default: {_FOLDER}")
    given = parser.parse_args()
    try:
        return _check(given.folder) if given.check else _write(given.folder)
    except PathgraphError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code


def _check(folder: Path) -> int:
    sentences = stale_documents(folder)
    for sentence in sentences:
        print(f"{folder}: {sentence} Run `make docs`.")
    return 1 if sentences else 0


def _write(folder: Path) -> int:
    for name in write_documents(folder):
        print(f"wrote {folder / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
