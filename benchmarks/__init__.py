"""Times the load and every finding against DuckDB and pandas; see ``docs/benchmarks.md``."""
