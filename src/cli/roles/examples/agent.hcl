template {
  contents    = "{{ with pkiCert \"@MOUNT@/issue/@ROLE@\" \"common_name=@NAME@\" }}{{ .Data.Key }}{{ .Data.Cert }}{{ .Data.CA }}{{ end }}"
  destination = "/etc/nginx/www.pem"
}
