"""Documents that are made from declarations: ``python -m pathgraph.docgen`` writes them.

The same declarations give the same bytes, so that a check can tell whether they are current.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pathgraph.docgen.canonical_tables import canonical_tables_document
from pathgraph.docgen.command_line import command_line_document
from pathgraph.docgen.findings import findings_document
from pathgraph.docgen.model import model_document

__all__ = ["documents", "stale_documents", "write_documents"]


def documents() -> Mapping[str, str]:
    """Return the generated documents: file name to text.

    Examples
    --------
    >>> sorted(documents())
    ['canonical_tables.md', 'command_line.md', 'findings.md', 'model.md']
    """
    return {
        "canonical_tables.md": canonical_tables_document(),
        "command_line.md": command_line_document(),
        "findings.md": findings_document(),
        "model.md": model_document(),
    }


def stale_documents(folder: Path) -> list[str]:
    """Return a sentence for each file of ``folder`` that is missing, outdated or left over."""
    wanted = documents()
    sentences = []
    for name, text in wanted.items():
        file = folder / name
        if not file.is_file():
            sentences.append(f"{name} is missing.")
        elif file.read_text(encoding="utf-8") != text:
            sentences.append(f"{name} is not what the declarations say now.")
    present = {file.name for file in folder.glob("*.md")} if folder.is_dir() else set()
    return sentences + [f"{name} is made by nothing." for name in sorted(present - set(wanted))]


def write_documents(folder: Path) -> list[str]:
    """Write all documents to ``folder``, remove what nothing makes, and name what changed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = documents()
    changed = []
    for file in sorted(folder.glob("*.md")):
        if file.name not in wanted:
            file.unlink()
            changed.append(file.name)
    for name, text in wanted.items():
        file = folder / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8", newline="\n")
            changed.append(name)
    return changed
