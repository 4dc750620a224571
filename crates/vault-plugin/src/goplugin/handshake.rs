//! Reads what the host passes in the environment, and makes the line that answers it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::ParsedCertificate;

use super::Program;

/// The version of go-plugin itself.
const CORE_VERSION: u32 = 1;

/// Why the plugin cannot be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("not started by a plugin host")]
    ByHand,
    #[error(
        "the host offers the protocol versions {offered:?}, and this plugin speaks only version {spoken}: \
         HashiCorp Vault 1.12 or newer, or OpenBao, is needed"
    )]
    Version { offered: String, spoken: u32 },
    #[error(
        "PLUGIN_CLIENT_CERT is missing: without the host's certificate the connection would not be encrypted, \
         and this plugin does not serve then"
    )]
    NoCertificate,
    #[error("PLUGIN_CLIENT_CERT holds no certificate that can be read: {0}")]
    BadCertificate(String),
}

/// What the host has passed to the plugin.
#[derive(Debug)]
pub(super) struct Host {
    /// The host's only certificate, which it uses as client and as server.
    pub(super) certificate: CertificateDer<'static>,
    pub(super) socket_folder: Option<PathBuf>,
    /// The name or number of the group that may use the socket.
    pub(super) socket_group: Option<String>,
    /// Whether the host asks if the broker can share one connection.
    pub(super) asks_for_shared_broker: bool,
}

impl Host {
    pub(super) fn read(
        program: &Program,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Refusal> {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        let (cookie, value) = program.cookie;
        if text(cookie).as_deref() != Some(value) {
            return Err(Refusal::ByHand);
        }
        let offered = text("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        if !offered
            .split(',')
            .any(|version| version.trim().parse() == Ok(program.protocol_version))
        {
            return Err(Refusal::Version {
                offered,
                spoken: program.protocol_version,
            });
        }
        let pem = text("PLUGIN_CLIENT_CERT")
            .filter(|pem| !pem.is_empty())
            .ok_or(Refusal::NoCertificate)?;
        Ok(Self {
            certificate: certificate(&pem)?,
            socket_folder: variable("PLUGIN_UNIX_SOCKET_DIR")
                .filter(|folder| !folder.is_empty())
                .map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP").filter(|group| !group.is_empty()),
            asks_for_shared_broker: variable("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }
}

fn certificate(pem: &str) -> Result<CertificateDer<'static>, Refusal> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| Refusal::BadCertificate(error.to_string()))?;
    // Otherwise a certificate that cannot be parsed would only fail later, with a less clear error.
    ParsedCertificate::try_from(&der)
        .map_err(|error| Refusal::BadCertificate(error.to_string()))?;
    Ok(der)
}

/// The line on standard output that tells the host where to connect and what certificate to expect.
pub(super) fn line(
    program: &Program,
    host: &Host,
    socket: &Path,
    certificate: &CertificateDer<'_>,
) -> String {
    // A host that did not ask expects six fields, so there must not be a seventh.
    let shared_broker = if host.asks_for_shared_broker {
        "|false"
    } else {
        ""
    };
    format!(
        "{CORE_VERSION}|{}|unix|{}|grpc|{}{shared_broker}\n",
        program.protocol_version,
        socket.display(),
        STANDARD_NO_PAD.encode(certificate),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::goplugin::tls::TlsIdentity;

    const PROGRAM: Program = Program {
        cookie: ("COOKIE", "crumbs"),
        protocol_version: 5,
        by_hand: "",
        log_level: &[],
        crates: &[],
    };

    fn read(variables: &[(&str, &str)]) -> Result<Host, Refusal> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        Host::read(&PROGRAM, |name| variables.get(name).map(OsString::from))
    }

    fn host_pem() -> String {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn only_a_host_with_the_cookie_the_version_and_a_certificate_is_served() {
        let pem = host_pem();
        let cookie = ("COOKIE", "crumbs");
        let version = ("PLUGIN_PROTOCOL_VERSIONS", "4, 5");
        assert!(read(&[cookie, version, ("PLUGIN_CLIENT_CERT", &pem)]).is_ok());
        assert!(matches!(read(&[]), Err(Refusal::ByHand)));
        assert!(matches!(
            read(&[("COOKIE", "others")]),
            Err(Refusal::ByHand)
        ));
        assert!(matches!(read(&[cookie]), Err(Refusal::Version { .. })));
        for offered in ["3,4", "", "55", "five"] {
            assert!(matches!(
                read(&[cookie, ("PLUGIN_PROTOCOL_VERSIONS", offered)]),
                Err(Refusal::Version { .. })
            ));
        }
        assert!(matches!(
            read(&[cookie, version]),
            Err(Refusal::NoCertificate)
        ));
    }

    #[test]
    fn a_certificate_that_cannot_be_read_is_refused() {
        let not_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["rubbish", not_der] {
            let refused = read(&[
                ("COOKIE", "crumbs"),
                ("PLUGIN_PROTOCOL_VERSIONS", "5"),
                ("PLUGIN_CLIENT_CERT", pem),
            ]);
            assert!(matches!(refused, Err(Refusal::BadCertificate(_))), "{pem}");
        }
    }

    #[test]
    fn the_line_has_a_seventh_field_only_when_the_host_asks() {
        let pem = host_pem();
        let mut variables = vec![
            ("COOKIE", "crumbs"),
            ("PLUGIN_PROTOCOL_VERSIONS", "5"),
            ("PLUGIN_CLIENT_CERT", pem.as_str()),
        ];
        let identity = TlsIdentity::generate().unwrap();
        let host = read(&variables).unwrap();
        let plain = line(&PROGRAM, &host, Path::new("/tmp/s"), identity.certificate());
        let fields: Vec<&str> = plain.trim_end().split('|').collect();
        assert_eq!(&fields[..5], ["1", "5", "unix", "/tmp/s", "grpc"]);
        assert_eq!(fields.len(), 6);
        assert!(!plain.contains('='), "base64 without padding");
        assert_eq!(
            STANDARD_NO_PAD.decode(fields[5]).unwrap(),
            identity.certificate().as_ref()
        );

        variables.push(("PLUGIN_MULTIPLEX_GRPC", "true"));
        let host = read(&variables).unwrap();
        let asked = line(&PROGRAM, &host, Path::new("/tmp/s"), identity.certificate());
        assert!(asked.ends_with("|false\n"));
    }
}
