"""Folds of networks, one module a network, as ``cypher/README.md`` says."""
