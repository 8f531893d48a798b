bucket              = "lakeward-local-111111111111-state"
key                 = "platform.tfstate"
region              = "us-east-1"
allowed_account_ids = ["111111111111"]
