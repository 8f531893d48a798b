"""Lambda entrypoints. Each parses its event, calls one use case and shapes the answer."""
