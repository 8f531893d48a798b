"""The report page: what ran, what became of every record, what it took, and what Athena answers."""
