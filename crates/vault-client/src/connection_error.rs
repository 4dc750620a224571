//! What broke a connection, told by the types of its causes and not by their words.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use super::Settings;

type Cause<'e> = &'e (dyn Error + 'static);

/// Where and how a connection broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionFailure {
    /// The server's CA is none that we trust.
    UnknownCa,
    /// The server's certificate is for another name.
    OtherName,
    /// The server's certificate has ended, or does not hold yet.
    NotNow,
    /// The server's certificate is refused for what it is.
    ServerCertificate,
    /// The server does not accept our certificate, or our having none.
    OurCertificate,
    /// The server speaks no TLS.
    PlainText,
    /// TLS failed otherwise.
    Tls,
    /// The connection stood, and ended before its time.
    Ended,
    /// There was no connection, or that is unknown.
    Unreached,
}

/// How far the call had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing had been sent.
    Nothing,
    /// The connection stood; no answer had begun.
    Server,
    Answer,
}

impl Progress {
    pub(super) fn by(error: &reqwest::Error) -> Self {
        if error.is_connect() {
            Self::Nothing
        } else if error.is_body() || error.is_decode() {
            Self::Answer
        } else {
            Self::Server
        }
    }
}

impl ConnectionFailure {
    /// Looks through a chain of causes. `secure`: TLS was wanted.
    pub(super) fn of(error: Cause<'_>, secure: bool, reached: Progress) -> Self {
        let causes = || std::iter::successors(Some(error), |cause| below(*cause));
        if let Some(why) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(why);
        }
        let is = |kinds: &[ErrorKind]| causes().any(|cause| is_one_of(cause, kinds));
        // HTTP/2 keeps the kind of an error that TLS met, and drops its type. What comes between the handshake and
        // the answer is the server's word on our certificate.
        if secure && reached == Progress::Server && is(&[ErrorKind::InvalidData]) {
            return Self::OurCertificate;
        }
        if secure && reached == Progress::Nothing && is(&[ErrorKind::UnexpectedEof]) {
            return Self::Tls;
        }
        if is(&ENDS) || causes().any(is_cut) {
            Self::Ended
        } else {
            Self::Unreached
        }
    }

    fn of_tls(why: &rustls::Error) -> Self {
        match why {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => Self::UnknownCa,
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => Self::OtherName,
            rustls::Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => Self::NotNow,
            rustls::Error::InvalidCertificate(_) => Self::ServerCertificate,
            // Such an alert is about our certificate: the server's own is judged here.
            rustls::Error::AlertReceived(
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied,
            ) => Self::OurCertificate,
            rustls::Error::InvalidMessage(_) => Self::PlainText,
            _ => Self::Tls,
        }
    }

    /// What is wrong, where that is known better than by the library's own words.
    pub(super) fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownCa => "the server's certificate is from a CA that is not trusted here",
            Self::OtherName => "the server's certificate is for another name",
            Self::NotNow => "the server's certificate has expired, or is not valid yet",
            Self::ServerCertificate => {
                "the server's certificate cannot be trusted: it is itself a CA certificate, or malformed"
            }
            Self::OurCertificate => {
                "the server does not accept our client certificate, or wants one and got none"
            }
            Self::PlainText => "the server speaks http there, not https",
            Self::Tls | Self::Ended | Self::Unreached => return None,
        })
    }

    /// What to do about it; settings are named as they were given.
    pub(super) fn hint(self, settings: &Settings) -> String {
        let secure = settings.address.value.scheme() == "https";
        let address = settings.address.name("ADDR");
        let roots = settings.roots.name("CACERT");
        match self {
            Self::UnknownCa => format!(
                "name the PEM file of that CA, or the server's own self-signed certificate: --ca-cert or {roots}"
            ),
            Self::OtherName => format!(
                "use the name in the certificate in {address}, or give it with --tls-server-name or {}",
                settings.tls_server_name.name("TLS_SERVER_NAME")
            ),
            Self::NotNow => {
                "renew the certificate of the server's listener, or set this machine's clock right".into()
            }
            Self::ServerCertificate => format!(
                "name exactly this certificate with --ca-cert or {roots}, or give the listener one made with \
                 basicConstraints=CA:FALSE"
            ),
            Self::OurCertificate => {
                "name a client certificate from a CA that the server trusts: --client-cert and --client-key".into()
            }
            Self::PlainText => format!("write http:// in {address}, if plain http is meant"),
            Self::Tls => format!(
                "is the address in {address} a TLS listener of Vault or OpenBao? svpki doctor shows all settings"
            ),
            Self::Ended if secure => {
                "the server ended the connection: it restarts, or it wants a client certificate (--client-cert and --client-key)".into()
            }
            Self::Ended | Self::Unreached => {
                format!("is the server running, and is {address} correct? svpki doctor shows all settings")
            }
        }
    }
}

/// An I/O error that wraps another names that one's cause as its own, and leaves the other out.
fn below(cause: Cause<'_>) -> Option<Cause<'_>> {
    match cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}

const ENDS: [ErrorKind; 4] = [
    ErrorKind::BrokenPipe,
    ErrorKind::ConnectionAborted,
    ErrorKind::ConnectionReset,
    ErrorKind::UnexpectedEof,
];

fn is_one_of(cause: Cause<'_>, kinds: &[ErrorKind]) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|why| kinds.contains(&why.kind()))
}

fn is_cut(cause: Cause<'_>) -> bool {
    cause
        .downcast_ref::<hyper::Error>()
        .is_some_and(|why| why.is_closed() || why.is_canceled() || why.is_incomplete_message())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VaultErrorKind;

    /// As tokio-rustls hands it to the layers above.
    fn tls(why: rustls::Error) -> io::Error {
        io::Error::other(io::Error::new(ErrorKind::InvalidData, why))
    }

    #[test]
    fn tls_errors_are_told_apart() {
        let alert = rustls::Error::AlertReceived;
        let certificate = rustls::Error::InvalidCertificate;
        for (why, failure) in [
            (
                alert(AlertDescription::CertificateRequired),
                ConnectionFailure::OurCertificate,
            ),
            (
                alert(AlertDescription::UnknownCA),
                ConnectionFailure::OurCertificate,
            ),
            (
                alert(AlertDescription::BadCertificate),
                ConnectionFailure::OurCertificate,
            ),
            (
                alert(AlertDescription::HandshakeFailure),
                ConnectionFailure::Tls,
            ),
            (
                certificate(CertificateError::UnknownIssuer),
                ConnectionFailure::UnknownCa,
            ),
            (
                certificate(CertificateError::NotValidForName),
                ConnectionFailure::OtherName,
            ),
            (
                certificate(CertificateError::Expired),
                ConnectionFailure::NotNow,
            ),
            (
                rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                ConnectionFailure::PlainText,
            ),
        ] {
            let text = why.to_string();
            assert_eq!(
                ConnectionFailure::of(&tls(why), true, Progress::Nothing),
                failure,
                "{text}"
            );
            assert_eq!(VaultErrorKind::from(failure), VaultErrorKind::Tls);
        }
    }

    #[test]
    fn an_end_is_no_tls_error_once_the_connection_stood() {
        use Progress::{Answer, Nothing, Server};
        for (kind, secure, reached, failure) in [
            (
                ErrorKind::ConnectionReset,
                true,
                Server,
                ConnectionFailure::Ended,
            ),
            (
                ErrorKind::ConnectionReset,
                true,
                Nothing,
                ConnectionFailure::Ended,
            ),
            (
                ErrorKind::BrokenPipe,
                true,
                Server,
                ConnectionFailure::Ended,
            ),
            (
                ErrorKind::UnexpectedEof,
                true,
                Server,
                ConnectionFailure::Ended,
            ),
            (
                ErrorKind::UnexpectedEof,
                true,
                Nothing,
                ConnectionFailure::Tls,
            ),
            (
                ErrorKind::UnexpectedEof,
                false,
                Nothing,
                ConnectionFailure::Ended,
            ),
            (
                ErrorKind::ConnectionRefused,
                true,
                Nothing,
                ConnectionFailure::Unreached,
            ),
            (
                ErrorKind::InvalidData,
                true,
                Server,
                ConnectionFailure::OurCertificate,
            ),
            (
                ErrorKind::InvalidData,
                true,
                Answer,
                ConnectionFailure::Unreached,
            ),
            (
                ErrorKind::InvalidData,
                false,
                Server,
                ConnectionFailure::Unreached,
            ),
        ] {
            let found = ConnectionFailure::of(&io::Error::from(kind), secure, reached);
            assert_eq!(found, failure, "{kind} {secure} {reached:?}");
        }
    }

    #[test]
    fn hints_name_the_variable_that_was_used() {
        use crate::{Environment, Flags};
        let hint = |failure: ConnectionFailure, variables: &[(&str, &str)]| {
            let env = Environment::of(variables, None);
            failure.hint(&Settings::read(&Flags::default(), &env).unwrap())
        };
        let secure = [("BAO_ADDR", "https://a:1"), ("VAULT_CACERT", "ca.pem")];
        let plain = [("VAULT_ADDR", "http://127.0.0.1:1")];
        assert!(hint(ConnectionFailure::Ended, &secure).contains("--client-cert"));
        assert!(!hint(ConnectionFailure::Ended, &plain).contains("--client-cert"));
        assert!(hint(ConnectionFailure::Unreached, &plain).contains("is VAULT_ADDR correct"));
        assert!(
            hint(ConnectionFailure::Unreached, &[]).contains("is BAO_ADDR or VAULT_ADDR correct")
        );
        assert!(hint(ConnectionFailure::PlainText, &secure).contains("in BAO_ADDR"));
        assert!(hint(ConnectionFailure::UnknownCa, &secure).ends_with("--ca-cert or VAULT_CACERT"));
    }
}
