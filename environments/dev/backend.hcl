bucket              = "lakeward-dev-123456789012-state"
key                 = "platform.tfstate"
region              = "us-east-1"
allowed_account_ids = ["123456789012"]
