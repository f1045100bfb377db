"""Who asks: an argument to the one door out, never something that the code looks up by itself."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LOCAL", "Caller"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what that person may see.

    Attributes
    ----------
    name
        For the person's own page and for audit; no part of what decides.
    sees_patients
        Whether rows about single patients are shown.
    """

    name: str
    sees_patients: bool = True

    @property
    def rights(self) -> str:
        """What decides about what is shown, as one text: answers are kept apart by it.

        Examples
        --------
        >>> Caller("a").rights == Caller("b").rights, Caller("a").rights
        (True, 'patients')
        """
        return "patients" if self.sees_patients else "groups"


LOCAL = Caller("local")
"""Whoever sits at the machine that holds the graph, and can read all its files anyway."""
