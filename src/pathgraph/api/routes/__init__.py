"""One module a kind of address."""
