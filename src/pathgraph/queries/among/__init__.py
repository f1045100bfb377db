"""Denominators that Cypher alone cannot count: ``fold(table, context)`` returns the number."""
