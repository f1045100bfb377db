"""Generated data: canonical tables that hold nobody, for trying things out."""
