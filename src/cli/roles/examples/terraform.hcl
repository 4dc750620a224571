resource "vault_pki_secret_backend_cert" "www" {
  backend     = "@MOUNT@"
  name        = "@ROLE@"
  common_name = "@NAME@"
  auto_renew  = true
}
