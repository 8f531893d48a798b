"""Functions that DuckDB computes differently or not at all, in Python; each table gives names, DuckDB types, bodies."""
