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

/// How far the call had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// Nothing had been sent.
    Nothing,
    /// The connection stood; no answer had begun.
    Server,
    Answer,
}

impl Reached {
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

impl Broken {
    /// Looks through a chain of causes. `secure`: TLS was wanted.
    pub(super) fn of(error: Cause<'_>, secure: bool, reached: Reached) -> Self {
        let causes = || std::iter::successors(Some(error), |cause| below(*cause));
        if let Some(why) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(why);
        }
        let is = |kinds: &[ErrorKind]| causes().any(|cause| is_one_of(cause, kinds));
        // HTTP/2 keeps the kind of an error that TLS met, and drops its type. What comes between the handshake and
        // the answer is the server's word on our certificate.
        if secure && reached == Reached::Server && is(&[ErrorKind::InvalidData]) {
            return Self::OurCertificate;
        }
        if secure && reached == Reached::Nothing && is(&[ErrorKind::UnexpectedEof]) {
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
            assert_eq!(
                Broken::of(&tls(why), true, Reached::Nothing),
                broken,
                "{text}"
            );
            assert_eq!(broken.kind(), VaultErrorKind::Tls);
        }
    }

    #[test]
    fn an_end_is_no_tls_error_once_the_connection_stood() {
        use Reached::{Answer, Nothing, Server};
        for (kind, secure, reached, broken) in [
            (ErrorKind::ConnectionReset, true, Server, Broken::Ended),
            (ErrorKind::ConnectionReset, true, Nothing, Broken::Ended),
            (ErrorKind::BrokenPipe, true, Server, Broken::Ended),
            (ErrorKind::UnexpectedEof, true, Server, Broken::Ended),
            (ErrorKind::UnexpectedEof, true, Nothing, Broken::Tls),
            (ErrorKind::UnexpectedEof, false, Nothing, Broken::Ended),
            (
                ErrorKind::ConnectionRefused,
                true,
                Nothing,
                Broken::Unreached,
            ),
            (ErrorKind::InvalidData, true, Server, Broken::OurCertificate),
            (ErrorKind::InvalidData, true, Answer, Broken::Unreached),
            (ErrorKind::InvalidData, false, Server, Broken::Unreached),
        ] {
            let found = Broken::of(&io::Error::from(kind), secure, reached);
            assert_eq!(found, broken, "{kind} {secure} {reached:?}");
        }
        assert!(Broken::Ended.hint(true).contains("--client-cert"));
        assert!(!Broken::Ended.hint(false).contains("--client-cert"));
    }
}
