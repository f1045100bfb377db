"""The command line ``pathgraph``."""

from pathgraph.cli.app import app, main

__all__ = ["app", "main"]
