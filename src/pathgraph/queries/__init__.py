"""Findings: the catalogue, the linter, and the only door out."""
