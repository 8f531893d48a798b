"""The Glue catalog as Athena reads it."""
