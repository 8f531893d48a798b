github = {
  name     = "example/lakeward"
  id       = "1296742987"
  owner_id = "177059064"
}
promoted_from = null
