"""Statistics and pathways: tables in, tables out, no database."""
