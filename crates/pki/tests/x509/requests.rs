//! Certificate requests: ours judged by openssl, openssl's read by us.

use std::path::Path;

use pki::{Csr, PrivateKey, San, Subject};
use proptest::prelude::*;

use crate::keys::SPECS;
use crate::openssl;

fn subject() -> Subject {
    let text = |text: &str| Some(text.to_owned());
    Subject {
        common_name: text("www.example.com"),
        country: text("DE"),
        province: text("Bayern"),
        locality: text("Nürnberg"),
        organization: text("Example, Inc."),
        ou: text("Web \"Ops\""),
        email: text("web@example.com"),
    }
}

fn sans() -> Vec<San> {
    [
        "www.example.com",
        "*.example.com",
        "192.0.2.7",
        "2001:db8::7",
        "web@example.com",
    ]
    .iter()
    .map(|text| San::parse(text).unwrap())
    .collect()
}

#[test]
fn openssl_accepts_what_we_build() {
    let dir = tempfile::tempdir().unwrap();
    for spec in SPECS {
        let key = PrivateKey::generate(spec).unwrap();
        let csr = Csr::build(&key, &subject(), &sans()).unwrap();
        let text = openssl(
            dir.path(),
            &[
                "req",
                "-verify",
                "-noout",
                "-text",
                "-subject",
                "-nameopt",
                "RFC2253,-esc_msb,utf8",
            ],
            csr.to_pem(),
        );
        assert!(text.contains("self-signature verify OK"), "{spec}: {text}");
        assert!(
            text.contains("subject=emailAddress=web@example.com,CN=www.example.com,OU=Web \\\"Ops\\\",O=Example\\, Inc.,L=Nürnberg,ST=Bayern,C=DE"),
            "{text}"
        );
        assert!(
            text.contains("DNS:www.example.com, DNS:*.example.com, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7, email:web@example.com"),
            "{text}"
        );
        assert_eq!(csr.spki_der(), key.spki_der());
        let read = Csr::parse(&csr.to_pem()).unwrap();
        assert_eq!(read, csr);
        assert_eq!(read.subject(), &subject());
        assert_eq!(read.sans(), sans());
        assert_eq!(read.key_spec(), Ok(spec));
    }
}

#[test]
fn an_empty_subject_stays_empty() {
    let dir = tempfile::tempdir().unwrap();
    let key = PrivateKey::generate(SPECS[3]).unwrap();
    let csr = Csr::build(&key, &Subject::default(), &[]).unwrap();
    let text = openssl(
        dir.path(),
        &["req", "-verify", "-noout", "-subject", "-text"],
        csr.to_pem(),
    );
    assert!(
        text.contains("verify OK") && !text.contains("rcgen"),
        "{text}"
    );
    assert!(text.contains("(none)"), "{text}");
    assert_eq!(csr.common_name(), None);
}

#[test]
fn a_subject_that_no_certificate_can_hold_is_refused() {
    let key = PrivateKey::generate(SPECS[3]).unwrap();
    let refused = |change: fn(&mut Subject)| {
        let mut subject = subject();
        change(&mut subject);
        Csr::build(&key, &subject, &[]).unwrap_err().to_string()
    };
    assert!(refused(|s| s.country = Some("Germany".into())).contains("country"));
    assert!(refused(|s| s.country = Some("D1".into())).contains("two-letter"));
    assert!(refused(|s| s.common_name = Some("a\nb".into())).contains("control character"));
    assert!(refused(|s| s.common_name = Some("x".repeat(65))).contains("64 are allowed"));
    assert!(refused(|s| s.email = Some("ä@example.com".into())).contains("ASCII"));
}

fn request(dir: &Path, args: &[&str]) -> String {
    let mut all = vec![
        "req",
        "-new",
        "-nodes",
        "-keyout",
        "key.pem",
        "-subj",
        "/CN=Example.com",
    ];
    all.extend(args);
    let text = openssl(dir, &all, "");
    let end = "-----END CERTIFICATE REQUEST-----\n";
    let end = if text.contains(end) {
        end
    } else {
        "-----END NEW CERTIFICATE REQUEST-----\n"
    };
    text[text.find("-----BEGIN").unwrap()..text.find(end).unwrap() + end.len()].to_owned()
}

#[test]
fn openssls_requests_of_every_kind_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let pss = [
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:digest",
    ];
    for (args, key) in [
        (&["-newkey", "rsa:2048"][..], "RSA 2048"),
        (&["-newkey", "rsa:3072", "-sha384"], "RSA 3072"),
        (&["-newkey", "rsa:2048", "-sha512"], "RSA 2048"),
        (
            &[&["-newkey", "rsa:2048", "-sha256"][..], &pss].concat(),
            "RSA 2048",
        ),
        (
            &[&["-newkey", "rsa:2048", "-sha384"][..], &pss].concat(),
            "RSA 2048",
        ),
        (&["-newkey", "rsa:1024"], "RSA 1024"),
        (&["-newkey", "rsa:2560"], "RSA 2560"),
        (
            &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "EC P-256",
        ),
        (
            &[
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-384",
                "-sha384",
            ],
            "EC P-384",
        ),
        (
            &[
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-521",
                "-sha512",
            ],
            "EC P-521",
        ),
        (
            &[
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-521",
                "-sha256",
            ],
            "EC P-521",
        ),
        (&["-newkey", "ed25519"], "Ed25519"),
        (&["-newkey", "rsa:2048", "-newhdr"], "RSA 2048"),
    ] {
        let pem = request(dir.path(), args);
        let csr = Csr::parse(&pem).unwrap_or_else(|error| panic!("{args:?}: {error}"));
        assert_eq!(csr.key_description().as_str(), key, "{args:?}");
        let ours = !["RSA 1024", "RSA 2560", "Ed25519"].contains(&key);
        assert_eq!(csr.key_spec().is_ok(), ours, "{args:?}");
        assert_eq!(csr.common_name(), Some("Example.com"));
        let bare: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(Csr::parse(&bare).unwrap(), csr);
        assert_eq!(
            Csr::parse(&format!("\u{feff}note\r\n{}", pem.replace('\n', "\r\n"))).unwrap(),
            csr
        );
    }
}

#[test]
fn a_request_that_is_not_in_order_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let with = |more: &[&str]| request(dir.path(), &[&ec[..], more].concat());
    let good = with(&[]);
    let twice = format!("{good}{good}");
    let odd_salt = request(
        dir.path(),
        &[
            "-newkey",
            "rsa:2048",
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:17",
        ],
    );
    let key = std::fs::read_to_string(dir.path().join("key.pem")).unwrap();
    for (text, word) in [
        (
            with(&["-subj", "/CN=a.example/CN=b.example"]),
            "more than once",
        ),
        (
            with(&["-addext", "subjectAltName=URI:https://example.com"]),
            "does not take",
        ),
        (
            with(&["-addext", "subjectAltName=DNS:a_b.example.com"]),
            "'_'",
        ),
        (odd_salt, "salt has 17 bytes"),
        (twice, "one request"),
        (format!("{good}{key}"), "give the request alone"),
        (
            good.replace("-----END CERTIFICATE REQUEST-----", ""),
            "cut off",
        ),
        ("hello, world".into(), "neither PEM"),
        ("aGVsbG8=".into(), "no PKCS#10"),
        ("A".repeat(40_000), "32767"),
        (String::new(), "neither PEM"),
    ] {
        let error = Csr::parse(&text).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
        assert!(error.starts_with("certificate request: "), "{error}");
    }
}

#[test]
fn a_changed_request_does_not_verify() {
    let dir = tempfile::tempdir().unwrap();
    let pem = request(dir.path(), &["-newkey", "rsa:2048"]);
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let mut der = engine.decode(body).unwrap();
    let at = der
        .windows(7)
        .position(|window| window == b"Example")
        .unwrap();
    der[at] = b'B';
    let error = Csr::parse(&engine.encode(der)).unwrap_err().to_string();
    assert!(error.contains("was not made by the key"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_a_request_or_an_error(text in ".{0,400}") {
        let _ = Csr::parse(&text);
        let _ = Csr::parse(&format!("-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----"));
    }

    #[test]
    fn damage_is_refused_or_changes_nothing(at in 0_usize..10_000, change in 1_u8..=255) {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::STANDARD;
        thread_local! {
            static GOOD: Vec<u8> = {
                let key = PrivateKey::generate(SPECS[3]).unwrap();
                let pem = Csr::build(&key, &subject(), &sans()).unwrap().to_pem();
                let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
                base64::engine::general_purpose::STANDARD.decode(body).unwrap()
            };
        }
        let mut der = GOOD.with(Clone::clone);
        let at = at % der.len();
        der[at] ^= change;
        if let Ok(read) = Csr::parse(&engine.encode(der)) {
            prop_assert_eq!(read.subject(), &subject());
            prop_assert_eq!(read.sans(), sans());
        }
    }
}
