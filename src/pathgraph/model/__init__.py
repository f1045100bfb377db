"""The graph model and the canonical tables, declared once. Pure: no tables, drivers or files."""
