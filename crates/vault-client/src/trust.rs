//! Which server is believed to be the server: the CAs that the settings name, as the vendors' clients take them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;
use zeroize::Zeroizing;

use super::setting::SettingsError;
use super::settings::{Roots, Settings};

/// TLS with the named CAs instead of the system's; `None` where the system's are meant.
pub(super) fn own_roots(settings: &Settings) -> Result<Option<ClientConfig>, SettingsError> {
    let Some(trusted) = certificates(settings)? else {
        return Ok(None);
    };
    let origin = &settings.roots.origin;
    let mut store = RootCertStore::empty();
    for certificate in &trusted {
        store.add(certificate.clone()).map_err(|why| {
            SettingsError::new(
                origin,
                format!("holds a certificate that is unreadable: {why}"),
            )
        })?;
    }
    let provider = Arc::new(default_provider());
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
        .build()
        .map_err(|why| SettingsError::new(origin, why))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| SettingsError::new("TLS", why))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(NamedRoots { chain, trusted }));
    let mut config = match own_certificate(settings)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|why| SettingsError::new("client certificate", why))?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(config))
}

fn certificates(
    settings: &Settings,
) -> Result<Option<Vec<CertificateDer<'static>>>, SettingsError> {
    let origin = &settings.roots.origin;
    let of_file = |path: &Path| {
        let refuse = |why: String| {
            SettingsError::new(
                format!("CA certificates {} ({origin})", path.display()),
                why,
            )
        };
        let pem = std::fs::read(path).map_err(|why| refuse(super::io_words(&why)))?;
        of_pem(&pem).map_err(refuse)
    };
    Ok(Some(match &settings.roots.value {
        Roots::System => return Ok(None),
        Roots::Pem(text) => {
            of_pem(text.as_bytes()).map_err(|why| SettingsError::new(origin, why))?
        }
        Roots::File(path) => of_file(path)?,
        Roots::Folder(folder) => {
            let mut all = Vec::new();
            for path in files(folder).map_err(|why| {
                SettingsError::new(
                    format!("CA certificates {} ({origin})", folder.display()),
                    super::io_words(&why),
                )
            })? {
                all.extend(of_file(&path)?);
            }
            if all.is_empty() {
                return Err(SettingsError::new(
                    format!("CA certificates {} ({origin})", folder.display()),
                    "holds no certificate",
                ));
            }
            all
        }
    }))
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

fn of_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| format!("is not PEM: {why}"))?;
    if certificates.is_empty() {
        return Err("holds no PEM certificate".into());
    }
    Ok(certificates)
}

type OwnCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own_certificate(settings: &Settings) -> Result<Option<OwnCertificate>, SettingsError> {
    let (Some(certificate), Some(key)) = (&settings.client_cert.value, &settings.client_key.value)
    else {
        return Ok(None);
    };
    let refuse = |path: &Path, why: String| {
        SettingsError::new(format!("client certificate {}", path.display()), why)
    };
    let read = |path: &Path| {
        std::fs::read(path)
            .map(Zeroizing::new)
            .map_err(|why| refuse(path, super::io_words(&why)))
    };
    let chain = of_pem(&read(certificate)?).map_err(|why| refuse(certificate, why))?;
    let key_der = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| refuse(key, "holds no private key in PEM".into()))?;
    Ok(Some((chain, key_der)))
}

/// Chains up to the named CAs, and a server's certificate that is itself one of those named, as Go takes it: a
/// self-signed certificate is a CA for the most part of those who make one.
#[derive(Debug)]
struct NamedRoots {
    chain: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for NamedRoots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.chain
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .or_else(|why| {
                if self.trusted.iter().any(|named| named == end_entity)
                    && is_server_now(end_entity, now)
                {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                    return Ok(ServerCertVerified::assertion());
                }
                Err(why)
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// Within its time, and not made for another purpose than a server's.
fn is_server_now(certificate: &CertificateDer<'_>, now: UnixTime) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
        return false;
    };
    let is_valid = i64::try_from(now.as_secs())
        .ok()
        .and_then(|seconds| ASN1Time::from_timestamp(seconds).ok())
        .is_some_and(|now| parsed.validity().is_valid_at(now));
    let serves = match parsed.extended_key_usage() {
        Ok(None) => true,
        Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
        Err(_) => false,
    };
    is_valid && serves
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair};

    fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["vault.test".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().clone()
    }

    fn accepts(
        trusted: &CertificateDer<'static>,
        shown: &CertificateDer<'static>,
        name: &str,
    ) -> bool {
        let mut store = RootCertStore::empty();
        store.add(trusted.clone()).unwrap();
        let chain = WebPkiServerVerifier::builder_with_provider(
            Arc::new(store),
            Arc::new(default_provider()),
        )
        .build()
        .unwrap();
        let verifier = NamedRoots {
            chain,
            trusted: vec![trusted.clone()],
        };
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier
            .verify_server_cert(shown, &[], &name, &[], UnixTime::now())
            .is_ok()
    }

    #[test]
    fn a_self_signed_certificate_is_trusted_where_it_is_named_itself() {
        let good = self_signed(|_| {});
        assert!(accepts(&good, &good, "vault.test"));
        assert!(!accepts(&good, &good, "other.test"), "another name");
        let stranger = self_signed(|_| {});
        assert!(
            !accepts(&good, &stranger, "vault.test"),
            "another certificate"
        );
        let expired = self_signed(|params| {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        });
        assert!(!accepts(&expired, &expired, "vault.test"), "expired");
        let client = self_signed(|params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        });
        assert!(!accepts(&client, &client, "vault.test"), "a client's");
    }

    #[test]
    fn a_certificate_below_a_named_one_is_no_more_trusted_than_before() {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let ca = rcgen::CertifiedIssuer::self_signed(params, key).unwrap();
        let below = |is_ca: IsCa| {
            let mut params = CertificateParams::new(vec!["vault.test".to_owned()]).unwrap();
            params.is_ca = is_ca;
            let key = KeyPair::generate().unwrap();
            params.signed_by(&key, &ca).unwrap().der().clone()
        };
        let root = ca.der().clone();
        assert!(accepts(&root, &below(IsCa::NoCa), "vault.test"));
        assert!(!accepts(
            &root,
            &below(IsCa::Ca(BasicConstraints::Unconstrained)),
            "vault.test"
        ));
    }
}
