mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }
}

variables {
  name               = "lakeward-test"
  cidr_block         = "10.20.0.0/16"
  interface_services = ["glue", "states"]
}

run "a_network_has_no_way_out_but_by_endpoints_of_this_account" {
  assert {
    condition     = { for zone, subnet in aws_subnet.this : zone => subnet.cidr_block } == { us-east-1a = "10.20.0.0/24", us-east-1b = "10.20.1.0/24" }
    error_message = "Two zones must have a subnet each."
  }

  assert {
    condition     = length(aws_route_table.this.route) == 0
    error_message = "No route may lead to the internet."
  }

  assert {
    condition = sort(concat(
      [for endpoint in aws_vpc_endpoint.gateway : endpoint.service_name],
      [for endpoint in aws_vpc_endpoint.interface : endpoint.service_name],
    )) == tolist([for service in ["dynamodb", "glue", "s3", "states"] : "com.amazonaws.us-east-1.${service}"])
    error_message = "The two free gateways and the services that were named must have endpoints."
  }

  assert {
    condition = alltrue([
      for endpoint in concat(values(aws_vpc_endpoint.gateway), values(aws_vpc_endpoint.interface)) :
      one(jsondecode(endpoint.policy).Statement).Condition == { StringEquals = { "aws:PrincipalAccount" = "123456789012" } }
    ])
    error_message = "An endpoint must serve this account and no other."
  }
}

run "the_default_group_lets_nothing_through_and_the_others_tls_only" {
  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "The default group must have no rule."
  }

  assert {
    condition = [
      aws_vpc_security_group_egress_rule.tls.from_port,
      aws_vpc_security_group_egress_rule.tls.to_port,
      aws_vpc_security_group_ingress_rule.from_functions.from_port,
      aws_vpc_security_group_ingress_rule.from_functions.to_port,
    ] == [443, 443, 443, 443]
    error_message = "Only TLS may pass."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.from_functions.referenced_security_group_id == aws_security_group.functions.id
    error_message = "Only the functions may call the endpoints."
  }
}

run "a_block_too_small_for_its_subnets_is_refused" {
  command = plan

  variables {
    cidr_block = "10.20.0.0/24"
  }

  expect_failures = [var.cidr_block]
}

run "a_paid_endpoint_for_s3_is_refused" {
  command = plan

  variables {
    interface_services = ["s3"]
  }

  expect_failures = [var.interface_services]
}
