//! TLS in which each side knows the other side's certificate beforehand.
//!
//! The host's certificate is in the plugin's environment, and the plugin's in the handshake line. Both are compared
//! byte by byte, which is stricter than verifying a chain. The usual verification would refuse the host's certificate,
//! a CA certificate that is used as end-entity certificate. The host's key is on P-521, which needs the `aws-lc-rs`
//! provider.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};

/// gRPC in Go refuses connections that have not agreed on this protocol with ALPN.
const HTTP_2: &[u8] = b"h2";

/// The server name that both sides use.
pub(super) const NAME: &str = "localhost";

/// Why the plugin's TLS identity cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsIdentityError {
    #[error("the plugin's certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] Error),
}

/// The plugin's certificate and key, which are made at each start.
pub(super) struct TlsIdentity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl TlsIdentity {
    pub(super) fn generate() -> Result<Self, TlsIdentityError> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut params = rcgen::CertificateParams::new(vec![NAME.to_owned()])?;
        params.extended_key_usages = vec![
            rcgen::ExtendedKeyUsagePurpose::ServerAuth,
            rcgen::ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }

    pub(super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The configuration for connections from the host.
    pub(super) fn server(&self, host: &CertificateDer<'static>) -> Result<ServerConfig, Error> {
        let pin = Arc::new(Pin::new(host));
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&pin.provider))
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(pin)
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())?;
        config.alpn_protocols = vec![HTTP_2.to_vec()];
        // The host connects once, so sessions are never resumed.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }

    /// The configuration for connections to the host.
    pub(super) fn client(&self, host: &CertificateDer<'static>) -> Result<ClientConfig, Error> {
        let pin = Arc::new(Pin::new(host));
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&pin.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(pin)
            .with_client_auth_cert(vec![self.certificate.clone()], self.key.clone_key())?;
        config.alpn_protocols = vec![HTTP_2.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// Accepts only one certificate, from a peer that proves that it has the key.
#[derive(Debug)]
struct Pin {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl Pin {
    fn new(certificate: &CertificateDer<'static>) -> Self {
        Self {
            certificate: certificate.clone(),
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        }
    }

    fn check(&self, presented: &CertificateDer<'_>) -> Result<(), Error> {
        if presented.as_ref() == self.certificate.as_ref() {
            Ok(())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl ClientCertVerifier for Pin {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(end_entity)
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end_entity)
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::sign::{CertifiedKey, SingleCertAndKey};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// A host identity as go-plugin makes it: a P-521 key, and a certificate marked as a CA.
    fn host() -> TlsIdentity {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = rcgen::CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        TlsIdentity {
            certificate: params.self_signed(&key).unwrap().der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    /// Whether a connection between the two can be made.
    async fn talk(client: ClientConfig, server: ServerConfig) -> bool {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let connector = TlsConnector::from(Arc::new(client));
        let accepting = tokio::spawn(async move {
            let mut stream = acceptor.accept(far).await?;
            stream.write_all(b"hello").await?;
            stream.flush().await?;
            std::io::Result::Ok(stream.get_ref().1.alpn_protocol() == Some(HTTP_2))
        });
        let connecting = async {
            let name = ServerName::try_from(NAME).unwrap();
            let mut stream = connector.connect(name, near).await?;
            let mut buffer = [0; 5];
            stream.read_exact(&mut buffer).await?;
            std::io::Result::Ok(&buffer == b"hello")
        };
        let greeted = connecting.await.unwrap_or(false);
        greeted && accepting.await.unwrap().unwrap_or(false)
    }

    #[tokio::test]
    async fn the_two_that_know_each_other_talk_in_both_directions() {
        let (host, plugin) = (host(), TlsIdentity::generate().unwrap());
        let (of_host, of_plugin) = (host.certificate(), plugin.certificate());
        assert!(
            talk(
                host.client(of_plugin).unwrap(),
                plugin.server(of_host).unwrap()
            )
            .await
        );
        assert!(
            talk(
                plugin.client(of_host).unwrap(),
                host.server(of_plugin).unwrap()
            )
            .await
        );
    }

    #[tokio::test]
    async fn another_certificate_is_refused_in_both_directions() {
        let (host, plugin, other) = (host(), TlsIdentity::generate().unwrap(), host());
        let (of_host, of_plugin) = (host.certificate(), plugin.certificate());
        assert!(
            !talk(
                other.client(of_plugin).unwrap(),
                plugin.server(of_host).unwrap()
            )
            .await
        );
        assert!(
            !talk(
                plugin.client(of_host).unwrap(),
                other.server(of_plugin).unwrap()
            )
            .await
        );
    }

    #[tokio::test]
    async fn the_right_certificate_without_its_key_is_refused() {
        let (host, plugin) = (host(), TlsIdentity::generate().unwrap());
        let mut thief = host.client(plugin.certificate()).unwrap();
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&self::host().key).unwrap();
        let stolen = CertifiedKey::new(vec![host.certificate.clone()], key);
        thief.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(stolen));
        assert!(!talk(thief, plugin.server(host.certificate()).unwrap()).await);
    }
}
