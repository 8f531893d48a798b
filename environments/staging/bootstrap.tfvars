github        = null
promoted_from = null
