# Off unless it is asked for: the endpoints bill by the hour. The function that asks upstreams stays outside, because in
# here it could not reach them.

module "network" {
  source = "../../modules/vpc"
  count  = var.protection.private_network ? 1 : 0

  name               = local.prefix
  cidr_block         = "10.20.0.0/16" # peered with nothing, so any block does
  interface_services = local.interface_services
}

locals {
  # What the functions in here ask. The transform reads the keys of personal columns, where a dataset hashes some.
  interface_services = concat(["athena", "glue", "states"], length(local.personal_keys) > 0 ? ["secretsmanager"] : [])

  network = one([for network in module.network : {
    subnet_ids         = network.subnet_ids
    security_group_ids = [network.security_group_id]
  }])
}
