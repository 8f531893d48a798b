bucket              = "lakeward-prod-345678901234-state"
key                 = "platform.tfstate"
region              = "us-east-1"
allowed_account_ids = ["345678901234"]
