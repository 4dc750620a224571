//! Private keys: ours read by openssl, openssl's read by us.

use pki::PrivateKey;
use svpki_types::{Curve, KeySpec, RsaSize};

use crate::openssl;

pub const SPECS: [KeySpec; 6] = [
    KeySpec::Rsa(RsaSize::R2048),
    KeySpec::Rsa(RsaSize::R3072),
    KeySpec::Rsa(RsaSize::R4096),
    KeySpec::Ec(Curve::P256),
    KeySpec::Ec(Curve::P384),
    KeySpec::Ec(Curve::P521),
];

#[test]
fn every_kind_is_read_by_openssl_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    for spec in SPECS {
        let key = PrivateKey::generate(spec).unwrap();
        assert_eq!(key.spec(), Some(spec));
        let pem = key.to_pem();
        assert!(pem.expose().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        let text = openssl(
            dir.path(),
            &["pkey", "-noout", "-text", "-check"],
            pem.expose(),
        );
        assert!(text.contains("Key is valid"), "{spec}: {text}");
        let public = openssl(dir.path(), &["pkey", "-pubout"], pem.expose());
        let again = PrivateKey::from_pem(pem.expose()).unwrap();
        assert_eq!(again.spki_der(), key.spki_der(), "{spec}");
        assert_eq!(again.to_pem(), pem, "{spec}");
        let body: String = public.lines().filter(|line| !line.contains('-')).collect();
        use base64::Engine as _;
        let der = base64::engine::general_purpose::STANDARD
            .decode(body)
            .unwrap();
        assert_eq!(der, key.spki_der(), "{spec}");
    }
}

#[test]
fn openssls_older_forms_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let rsa = openssl(dir.path(), &["genrsa", "-traditional", "2048"], "");
    assert!(rsa.contains("BEGIN RSA PRIVATE KEY"));
    let key = PrivateKey::from_pem(&rsa).unwrap();
    assert_eq!((key.kind(), key.spec()), ("rsa", Some(SPECS[0])));
    for (curve, spec) in [
        ("prime256v1", SPECS[3]),
        ("secp384r1", SPECS[4]),
        ("secp521r1", SPECS[5]),
    ] {
        let ec = openssl(dir.path(), &["ecparam", "-name", curve, "-genkey"], "");
        assert!(ec.contains("BEGIN EC PARAMETERS") && ec.contains("BEGIN EC PRIVATE KEY"));
        let key = PrivateKey::from_pem(&ec.replace('\n', "\r\n")).unwrap();
        assert_eq!((key.kind(), key.spec()), ("ec", Some(spec)));
        let text = openssl(
            dir.path(),
            &["pkey", "-noout", "-check"],
            key.to_pem().expose(),
        );
        assert!(text.contains("Key is valid"), "{text}");
    }
}

#[test]
fn what_is_no_usable_key_is_refused_without_showing_it() {
    let dir = tempfile::tempdir().unwrap();
    let make = |args: &[&str]| openssl(dir.path(), args, "");
    let encrypted = make(&[
        "genpkey",
        "-algorithm",
        "RSA",
        "-aes256",
        "-pass",
        "pass:secret",
    ]);
    let damaged =
        make(&["ecparam", "-name", "prime256v1", "-genkey", "-noout"]).replace("MHc", "MHd");
    for (text, word) in [
        (encrypted, "encrypted"),
        (make(&["genpkey", "-algorithm", "ed25519"]), "neither RSA"),
        (make(&["genrsa", "1024"]), "2048"),
        (damaged, "damaged"),
        (String::new(), "one PEM block"),
        ("-----BEGIN PRIVATE KEY-----\nMIGH".into(), "cut off"),
    ] {
        let error = PrivateKey::from_pem(&text).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        let body = text.lines().nth(1).unwrap_or("-");
        assert!(body.len() < 10 || !error.contains(body), "{error}");
    }
    let key = PrivateKey::generate(SPECS[3]).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(ec, [redacted])");
}
