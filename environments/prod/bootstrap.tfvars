github        = null
promoted_from = "staging"
