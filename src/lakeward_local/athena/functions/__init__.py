"""Which functions exist, with which types, and how DuckDB computes them. What is not in a table is refused."""
