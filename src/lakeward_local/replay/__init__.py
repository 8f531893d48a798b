"""A server that answers as the datasets' upstreams do, from what was recorded of them."""
