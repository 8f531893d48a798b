"""What readers see: views in the serving database, as Athena stores them in the Glue catalog."""
