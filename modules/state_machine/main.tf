data "aws_caller_identity" "current" {}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:Traces bill by the request; the execution history already shows each step, its input and its error.
  name       = var.name
  type       = "STANDARD" # history is kept 90 days, a name runs once, and a failed run can be redriven
  role_arn   = aws_iam_role.this.arn
  definition = var.definition

  logging_configuration {
    # Keys, counts and errors go through the states, never a record, so all of it may be logged.
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*" # Step Functions asks for the form with the streams
  }

  # Step Functions checks at creation that the role may write the logs.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts logs with its own key; a customer key is a knob.
  #checkov:skip=CKV_AWS_338:How long logs are kept differs between environments and is a knob.
  name              = "/aws/vendedlogs/states/${var.name}" # this prefix spares the account's one log resource policy
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_iam_role" "this" {
  name                 = var.name
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  #checkov:skip=CKV_AWS_355:Log delivery has no resource-level permissions; AWS takes nothing but a star for these eight actions.
  #checkov:skip=CKV_AWS_290:The same eight actions of log delivery.
  name = "permissions"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid    = "DeliverLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ]
        Resource = ["*"] # these actions have no resource-level permissions
      }],
      [for permission in var.permissions : {
        Sid      = permission.sid
        Effect   = "Allow"
        Action   = permission.actions
        Resource = permission.resources
      }],
    )
  })
}
