//! CAs made with openssl, to issue what the tests need.

use std::path::Path;

use pki::{Certificate, Csr, PrivateKey, San, Subject};

use crate::keys::SPECS;
use crate::openssl;

pub struct Authority {
    pub dir: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn pem(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(format!("{name}.pem"))).unwrap()
    }

    pub fn certificate(&self, name: &str) -> Certificate {
        Certificate::parse_pem_or_der(self.pem(name).as_bytes()).unwrap()
    }

    /// A self-signed CA: `<name>.pem` with `<name>.key`.
    pub fn root(&self, name: &str) {
        let subject = format!("/O=Test/CN={name}");
        let (key, out) = (format!("{name}.key"), format!("{name}.pem"));
        let args = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-384",
            "-sha384",
            "-nodes",
            "-days",
            "3650",
            "-subj",
            &subject,
            "-keyout",
            &key,
            "-out",
            &out,
        ];
        openssl(self.path(), &args, "");
    }

    /// A CA certificate for the key `<subject>.key` (made when missing), signed by `issuer`, as `<name>.pem`.
    pub fn intermediate(&self, name: &str, subject: &str, issuer: &str, days: &str) {
        let key = format!("{subject}.key");
        if !self.path().join(&key).exists() {
            let made = openssl(
                self.path(),
                &["ecparam", "-name", "prime256v1", "-genkey", "-noout"],
                "",
            );
            self.write(&key, made);
        }
        let dn = format!("/O=Test/CN={subject}");
        let csr = openssl(
            self.path(),
            &["req", "-new", "-key", &key, "-subj", &dn],
            "",
        );
        self.write("ext.cnf", "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
        self.issue(&csr, name, issuer, days);
    }

    /// A server certificate for a request of ours, as `<name>.pem`; the key that belongs to it.
    pub fn leaf(&self, name: &str, issuer: &str) -> PrivateKey {
        let key = PrivateKey::generate(SPECS[3]).unwrap();
        self.leaf_for(&key, name, issuer);
        key
    }

    pub fn leaf_for(&self, key: &PrivateKey, name: &str, issuer: &str) {
        let subject = Subject {
            common_name: Some("www.example.com".into()),
            ..Subject::default()
        };
        let sans: Vec<San> = ["www.example.com", "192.0.2.7", "web@example.com"]
            .map(|text| San::parse(text).unwrap())
            .into();
        let csr = Csr::build(key, &subject, &sans).unwrap();
        self.write("ext.cnf", "basicConstraints=CA:FALSE\nsubjectAltName=DNS:WWW.example.com,IP:192.0.2.7,email:web@example.com\nauthorityKeyIdentifier=keyid\n");
        self.issue(&csr.to_pem(), name, issuer, "90");
    }

    fn issue(&self, csr: &str, name: &str, issuer: &str, days: &str) {
        let issuer_key = format!("{}.key", self.subject_of(issuer));
        let (issuer, out) = (format!("{issuer}.pem"), format!("{name}.pem"));
        let args = [
            "x509",
            "-req",
            "-CA",
            &issuer,
            "-CAkey",
            &issuer_key,
            "-CAcreateserial",
            "-days",
            days,
            "-extfile",
            "ext.cnf",
            "-out",
            &out,
        ];
        openssl(self.path(), &args, csr);
    }

    fn subject_of(&self, name: &str) -> String {
        let certificate = self.certificate(name);
        certificate.common_name().unwrap().to_owned()
    }

    /// root -> policy -> issuing -> leaf
    pub fn usual() -> (Self, PrivateKey) {
        let authority = Self::new();
        authority.root("root");
        authority.intermediate("policy", "policy", "root", "1000");
        authority.intermediate("issuing", "issuing", "policy", "900");
        let key = authority.leaf("leaf", "issuing");
        (authority, key)
    }

    pub fn all(&self, names: &[&str]) -> String {
        names.iter().map(|name| self.pem(name)).collect()
    }
}
