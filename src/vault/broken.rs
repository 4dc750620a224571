//! What broke a connection, told by the types of its causes and not by their words.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use super::error::VaultErrorKind;

type Cause<'e> = &'e (dyn Error + 'static);

/// Where and how a connection broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The server's CA is none that we trust.
    UnknownCa,
    /// The server's certificate is for another name.
    OtherName,
    /// The server does not accept our certificate, or our having none.
    OurCertificate,
    /// The server speaks no TLS.
    PlainText,
    /// TLS failed otherwise.
    Tls,
    /// The connection stood, and ended before its time.
    Ended,
    /// There was none, or nobody knows.
    Unreached,
}

impl Broken {
    /// Looks through a chain of causes. `secure`: TLS was wanted; `connecting`: nothing had been sent yet.
    pub(super) fn of(error: Cause<'_>, secure: bool, connecting: bool) -> Self {
        let causes = || std::iter::successors(Some(error), |cause| below(*cause));
        if let Some(why) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(why);
        }
        let ended = causes().any(is_end);
        if ended && secure && connecting && !causes().any(is_reset) {
            return Self::Tls;
        }
        if ended { Self::Ended } else { Self::Unreached }
    }

    fn of_tls(why: &rustls::Error) -> Self {
        match why {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => Self::UnknownCa,
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => Self::OtherName,
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

    pub(super) fn kind(self) -> VaultErrorKind {
        match self {
            // What was asked may have been done, so this is no TLS error, although an alert may have been lost.
            Self::Ended | Self::Unreached => VaultErrorKind::Unreachable,
            _ => VaultErrorKind::Tls,
        }
    }

    /// What to do about it.
    pub(super) fn hint(self, secure: bool) -> &'static str {
        match self {
            Self::UnknownCa => {
                "the server's certificate is from an unknown CA: name that CA's PEM file with --ca-cert or VAULT_CACERT"
            }
            Self::OtherName => {
                "the certificate is for another name: use that name in VAULT_ADDR, or set VAULT_TLS_SERVER_NAME"
            }
            Self::OurCertificate => {
                "the server wants a client certificate from a CA that it trusts: name one with --client-cert and --client-key"
            }
            Self::PlainText => {
                "the server speaks plain http there: is VAULT_ADDR meant to begin with http:// ?"
            }
            Self::Tls => "check VAULT_ADDR, VAULT_CACERT and the client certificate",
            Self::Ended if secure => {
                "the server ended the connection: it restarts, or it wants a client certificate (--client-cert and --client-key)"
            }
            Self::Ended | Self::Unreached => {
                "check that the server runs there, and VAULT_ADDR (or --address): svpki doctor"
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

fn is_end(cause: Cause<'_>) -> bool {
    if let Some(why) = cause.downcast_ref::<hyper::Error>() {
        return why.is_closed() || why.is_canceled() || why.is_incomplete_message();
    }
    cause.downcast_ref::<io::Error>().is_some_and(|why| {
        matches!(
            why.kind(),
            ErrorKind::BrokenPipe
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
                | ErrorKind::UnexpectedEof
        )
    })
}

fn is_reset(cause: Cause<'_>) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|why| why.kind() == ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As tokio-rustls hands it to the layers above.
    fn tls(why: rustls::Error) -> io::Error {
        io::Error::other(io::Error::new(ErrorKind::InvalidData, why))
    }

    #[test]
    fn tls_errors_are_told_apart() {
        let alert = rustls::Error::AlertReceived;
        let certificate = rustls::Error::InvalidCertificate;
        for (why, broken) in [
            (
                alert(AlertDescription::CertificateRequired),
                Broken::OurCertificate,
            ),
            (alert(AlertDescription::UnknownCA), Broken::OurCertificate),
            (
                alert(AlertDescription::BadCertificate),
                Broken::OurCertificate,
            ),
            (alert(AlertDescription::HandshakeFailure), Broken::Tls),
            (
                certificate(CertificateError::UnknownIssuer),
                Broken::UnknownCa,
            ),
            (
                certificate(CertificateError::NotValidForName),
                Broken::OtherName,
            ),
            (certificate(CertificateError::Expired), Broken::Tls),
            (
                rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                Broken::PlainText,
            ),
        ] {
            let text = why.to_string();
            assert_eq!(Broken::of(&tls(why), true, true), broken, "{text}");
            assert_eq!(broken.kind(), VaultErrorKind::Tls);
        }
    }

    #[test]
    fn an_end_is_no_tls_error_once_the_connection_stood() {
        for (kind, secure, connecting, broken) in [
            (ErrorKind::ConnectionReset, true, false, Broken::Ended),
            (ErrorKind::ConnectionReset, true, true, Broken::Ended),
            (ErrorKind::BrokenPipe, true, false, Broken::Ended),
            (ErrorKind::UnexpectedEof, true, false, Broken::Ended),
            (ErrorKind::UnexpectedEof, true, true, Broken::Tls),
            (ErrorKind::UnexpectedEof, false, true, Broken::Ended),
            (ErrorKind::ConnectionRefused, true, true, Broken::Unreached),
        ] {
            let found = Broken::of(&io::Error::from(kind), secure, connecting);
            assert_eq!(found, broken, "{kind} {secure} {connecting}");
        }
        assert!(Broken::Ended.hint(true).contains("--client-cert"));
        assert!(!Broken::Ended.hint(false).contains("--client-cert"));
    }
}
