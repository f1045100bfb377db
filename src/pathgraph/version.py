"""The version of pathgraph, declared here alone: the build reads it, and so does the code."""

from __future__ import annotations

__all__ = ["VERSION"]

VERSION = "0.1.0"
