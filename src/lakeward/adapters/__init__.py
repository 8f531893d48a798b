"""The outside world: S3, Glue, DynamoDB, Step Functions, HTTP, DuckDB. Only here is any of their clients imported."""
