"""DDL: what changes the catalog."""
