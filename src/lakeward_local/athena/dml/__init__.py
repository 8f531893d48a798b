"""DML: what writes rows and files."""
