template {
  data        = "{{ with pkiCert \"@MOUNT@/issue/@ROLE@\" \"common_name=@NAME@\" }}{{ .Data.Key }}{{ .Data.Cert }}{{ .Data.CA }}{{ end }}"
  destination = "secrets/www.pem"
  change_mode = "restart"
}
