# Off unless it is asked for: the endpoints bill by the hour. The function that asks upstreams stays outside, because in
# here it could not reach them.

module "network" {
  source = "../../modules/vpc"
  count  = var.protection.private_network ? 1 : 0

  name               = local.prefix
  cidr_block         = "10.20.0.0/16" # peered with nothing, so any block does
  interface_services = ["athena", "glue", "states"]
}

locals {
  network = one([for network in module.network : {
    subnet_ids         = network.subnet_ids
    security_group_ids = [network.security_group_id]
  }])
}
