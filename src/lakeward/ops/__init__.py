"""Operating the pipeline: the run ledger, starting runs, what a run costs."""
