"""Terraform: found, pointed at its providers and at the cloud, run, and heard."""
