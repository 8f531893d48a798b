bucket              = "lakeward-staging-234567890123-state"
key                 = "platform.tfstate"
region              = "us-east-1"
allowed_account_ids = ["234567890123"]
