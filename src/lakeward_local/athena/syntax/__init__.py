"""Text to syntax tree: Trino's grammar for queries and DML, Hive's for DDL."""
