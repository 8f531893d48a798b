"""The large engine: Spark spreads the work over machines, the compiled contract does it in each task."""
