"""What the server's log says of a fault: its kind and its places, and nothing of a row."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

__all__ = ["WithoutWords", "places_of"]

_PLACES = 6


class WithoutWords(logging.Filter):
    """Takes what an error says out of the server's log: it may hold what a row holds.

    The kind and the places that it came through stay.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the places in place of the traceback; the record itself is always kept."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = "fault: %s", (places_of(error),)
            record.exc_info = record.exc_text = None
        return True


def places_of(error: BaseException) -> str:
    """Return the kind of an error and the places that it came through, innermost last."""
    places = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    lines = [f"{Path(place.filename).name}:{place.lineno} {place.name}" for place in places]
    return " > ".join([type(error).__name__, *lines])
