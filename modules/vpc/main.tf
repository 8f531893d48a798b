# A network without a way in or out: what runs in it reaches AWS by endpoints, and nothing else.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

data "aws_availability_zones" "this" {
  #checkov:skip=CKV_AWS_394:The first zones by name are taken, so a zone that AWS adds changes nothing.
  state = "available"
}

locals {
  region = data.aws_region.current.name
  zones  = slice(data.aws_availability_zones.this.names, 0, var.zone_count)

  # Without a policy an endpoint would carry data to anybody's account.
  own_account_only = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnAccountOnly"
      Effect    = "Allow"
      Principal = "*" # narrowed to the account by the condition
      Action    = "*" # the roles say what may be done
      Resource  = "*" # the roles say to what
      Condition = { StringEquals = { "aws:PrincipalAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs bill by the gigabyte, and there is no route but to the endpoints, whose calls CloudTrail records.
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true # the endpoints answer to the services' own names

  tags = { Name = var.name }
}

# Whatever is started without a group of its own can talk to nobody.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "this" {
  for_each = { for position, zone in local.zones : zone => cidrsubnet(var.cidr_block, 8, position) }

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_route_table_association" "this" {
  for_each = aws_subnet.this

  route_table_id = aws_route_table.this.id
  subnet_id      = each.value.id
}

resource "aws_security_group" "functions" {
  #checkov:skip=CKV2_AWS_5:The functions that join it are made elsewhere, by modules/lambda_function.
  name        = "${var.name}-functions"
  description = "Functions: nobody may call them here, and they may call out by TLS."
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_egress_rule" "tls" {
  security_group_id = aws_security_group.functions.id
  description       = "TLS, to where routes lead: the endpoints."
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0" # S3 and DynamoDB keep their public addresses behind a gateway endpoint
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Endpoints: the functions may call them by TLS."
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "from_functions" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "TLS from the functions."
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.functions.id
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["dynamodb", "s3"]) # free

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  route_table_ids   = [aws_route_table.this.id]
  policy            = local.own_account_only

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_services

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  subnet_ids          = [for subnet in aws_subnet.this : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = local.own_account_only

  tags = { Name = "${var.name}-${each.key}" }
}
