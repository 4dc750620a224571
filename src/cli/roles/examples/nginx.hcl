template {
  contents    = "{{ with secret \"@MOUNT@/current/@CONFIG@/@NAME@\" }}{{ .Data.private_key }}{{ .Data.certificate }}{{ range .Data.ca_chain }}{{ . }}{{ end }}{{ end }}"
  destination = "/etc/nginx/www.pem"
  error_on_missing_key = true
  perms = "0600"
  exec { command = ["nginx", "-s", "reload"] }
}
