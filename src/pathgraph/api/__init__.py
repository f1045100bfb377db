"""HTTP and HTML over the findings: no Cypher, no arithmetic on tables."""
