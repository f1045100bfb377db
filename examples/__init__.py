"""Runnable examples; each is described in ``docs``."""
