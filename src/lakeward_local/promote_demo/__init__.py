"""``lakeward promote-demo``: a release through three accounts, a breaking version under readers, and the way back."""
