github = null
