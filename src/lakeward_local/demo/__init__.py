"""``lakeward demo``: a whole pipeline on this machine, from an empty folder to answers of Athena and a report."""
