"""How long work tells how far it is. Whoever starts the work decides what is shown."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "QuietProgress"]


class Progress(Protocol):
    """Receives the steps of long work."""

    def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
        """Begin a step of ``total`` units, ``None`` if not known; the step before it ends."""

    def advance(self, n: int) -> None:
        """Say that ``n`` more units of the current step are done."""

    def finish(self) -> None:
        """End the current step."""


class QuietProgress:
    """Shows nothing: for pipes, tests and the Python door."""

    def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
        """Do nothing."""

    def advance(self, n: int) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""
