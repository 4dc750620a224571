//! The texts after the options in `svpki --help`, which are sections of their own in the manual pages.

use super::exit::Exit;

pub const EXAMPLES: &str =
    "  svpki config write web --base-url https://cert-manager.com --customer-uri acme \\
      --user api --password-stdin --org-id 1234 --type ssl_cert
  svpki enroll web --common-name www.example.com --profile-id 51 --term 199 --wait 120
  svpki certs list --status expiring
  svpki certs export web 44166_acme --format pkcs12 --out www.p12
";

pub const ENVIRONMENT: &str = "\
The server is found as vault and bao find it: BAO_ADDR or VAULT_ADDR, BAO_TOKEN or VAULT_TOKEN,
~/.vault-token, BAO_CACERT or VAULT_CACERT, and the like. SVPKI_MOUNT names the mount.";

/// One line for each code, because clap would wrap a list in the middle of an entry.
pub fn exit_codes() -> String {
    let lines = Exit::ALL.map(|(exit, words)| format!("{:<5}{words}", exit as u8));
    lines.join("\n")
}

pub fn after_help() -> String {
    format!(
        "Examples:\n{EXAMPLES}\n{ENVIRONMENT}\n\nExit codes:\n{}",
        exit_codes()
    )
}
