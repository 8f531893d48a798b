output "id" {
  description = "Id of the network."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Ids of the subnets, one in each zone."
  value       = [for subnet in aws_subnet.this : subnet.id]
}

output "security_group_id" {
  description = "Id of the group that functions join."
  value       = aws_security_group.functions.id
}
