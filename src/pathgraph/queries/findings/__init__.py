"""What Cypher alone cannot say: one module a finding, with a function ``fold``."""
