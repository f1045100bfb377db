"""From sources to canonical tables to graph tables."""
