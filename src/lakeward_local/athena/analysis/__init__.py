"""Syntax tree to typed plan: names bound against the catalog, a Trino type on every expression."""
