"""Scripts that Glue runs. Each only wires, as a handler does; the rules are in the packages that it calls."""
