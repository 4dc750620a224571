//! Formats: read by openssl and by Java.

use std::path::Path;

use pki::{Chain, Exported, Format, Keystore, PathPreference, PrivateKey, bundle, export};
use svpki_types::Secret;

use crate::authority::Authority;
use crate::keys::SPECS;
use crate::{keystore, openssl, run};

fn keytool(dir: &Path, args: &[&str]) -> String {
    let text = run(
        "keytool",
        dir,
        &[&["-J-Duser.language=en"], args].concat(),
        b"",
    )
    .unwrap_or_else(|error| panic!("keytool {args:?}: {error}"));
    String::from_utf8_lossy(&text).into_owned()
}

fn usual() -> (Authority, PrivateKey, Chain) {
    let (authority, key) = Authority::usual();
    let found = bundle::parse(
        authority
            .all(&["root", "policy", "issuing", "leaf"])
            .as_bytes(),
    )
    .unwrap();
    let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
    (authority, key, chain)
}

fn binary(exported: Exported) -> Vec<u8> {
    match exported {
        Exported::Binary(bytes) => bytes,
        Exported::Text(text) => panic!("text: {text}"),
    }
}

/// The common names in the order of the text, or of the certificates in PKCS#7.
fn order(exported: Exported) -> Vec<String> {
    let bytes = match exported {
        Exported::Binary(bytes) => bytes,
        Exported::Text(text) => text.into_bytes(),
    };
    let found = bundle::parse(&bytes).unwrap();
    found
        .iter()
        .map(|one| one.common_name().unwrap().to_owned())
        .collect()
}

#[test]
fn every_name_of_a_format_has_its_order() {
    let (_authority, key, chain) = usual();
    let leaf = "www.example.com";
    let up = [leaf, "issuing", "policy", "root"];
    let down = ["root", "policy", "issuing", leaf];
    for (name, expected) in [
        ("pem", &[leaf][..]),
        ("PEM_bundle", &up[..3]),
        ("der", &[leaf]),
        ("X509", &down),
        ("x509R", &up),
        ("pemia", &up),
        ("x509CO", &[leaf]),
        ("pemco", &[leaf]),
        ("x509IO", &down[..3]),
        ("x509ior", &up[1..]),
        ("base64", &up),
        ("bin", &up),
    ] {
        let format = Format::parse(name).unwrap();
        let exported = export(&chain, Some(&key), format, None).unwrap();
        assert_eq!(order(exported), expected, "{name}");
    }
    assert_eq!(
        order(export(&chain, None, Format::parse_scm("pem").unwrap(), None).unwrap()),
        down
    );
    let with_root = chain.with_root();
    assert_eq!(
        order(export(&with_root, None, Format::PemBundle, None).unwrap()),
        up
    );
    let error = Format::parse("x509leaf").unwrap_err().to_string();
    for name in Format::names() {
        assert!(
            error.contains(name) && Format::parse(name).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn a_bundle_starts_with_the_key_and_only_that_of_the_certificate_will_do() {
    let (_authority, key, chain) = usual();
    let Exported::Text(text) = export(&chain, Some(&key), Format::PemBundle, None).unwrap() else {
        panic!("no text")
    };
    assert!(text.starts_with(key.to_pem().expose()));
    let other = PrivateKey::generate(SPECS[3]).unwrap();
    assert!(export(&chain, Some(&other), Format::Pem, None).is_err());
}

#[test]
fn openssl_reads_our_pkcs7() {
    let (authority, _, chain) = usual();
    let der = binary(export(&chain, None, Format::Pkcs7Der, None).unwrap());
    let text = openssl(
        authority.path(),
        &["pkcs7", "-inform", "DER", "-print_certs", "-noout"],
        der,
    );
    assert_eq!(text.matches("subject=").count(), 4, "{text}");
}

/// Seen: "malformed ASN.1 DER value for BMPString".
#[test]
fn what_a_pkcs12_cannot_hold_is_said_in_plain_words() {
    let (_, key, chain) = usual();
    let (emoji, plain) = (Secret::new("🙂"), Secret::new("短い"));
    for format in [Format::Pkcs12, Format::Pkcs12Legacy] {
        let refused = export(&chain, Some(&key), format, Some((&emoji).into())).unwrap_err();
        assert!(
            refused.to_string().contains("such as an emoji"),
            "{refused}"
        );
        assert!(!refused.to_string().contains("🙂"), "{refused}");
        let named = Keystore {
            password: &plain,
            alias: Some("🙂"),
        };
        let refused = export(&chain, Some(&key), format, Some(named)).unwrap_err();
        assert!(refused.to_string().contains("another alias"), "{refused}");
        assert!(format.check_password(&plain).is_ok());
    }
    assert!(Format::Jks.check_password(&emoji).is_ok());
    assert!(Format::Jks.check_password(&Secret::new("")).is_err());
}

#[test]
fn pkcs12_is_read_by_openssl_and_java() {
    let (authority, key, chain) = usual();
    let dir = authority.path();
    // Not ASCII, as passwords are.
    let password = Secret::new("pä$$ wörd");
    let bytes =
        binary(export(&chain, Some(&key), Format::Pkcs12, Some((&password).into())).unwrap());
    std::fs::write(dir.join("store.p12"), &bytes).unwrap();
    let pass = format!("pass:{}", password.expose());
    let info = openssl(
        dir,
        &[
            "pkcs12",
            "-info",
            "-nodes",
            "-in",
            "store.p12",
            "-passin",
            &pass,
        ],
        "",
    );
    assert!(info.contains("MAC: sha256, Iteration 100000"), "{info}");
    assert!(
        info.contains("AES-256-CBC, Iteration 100000, PRF hmacWithSHA256"),
        "{info}"
    );
    assert!(info.contains("friendlyName: www.example.com"), "{info}");
    assert_eq!(info.matches("BEGIN CERTIFICATE").count(), 3);
    let start = info.find("-----BEGIN PRIVATE KEY").unwrap();
    let end = info[start..].find("-----END PRIVATE KEY-----").unwrap() + start + 25;
    assert_eq!(
        PrivateKey::from_pem(&info[start..end]).unwrap().spki_der(),
        key.spki_der()
    );

    let ascii = Secret::new("changeit");
    let bytes = binary(export(&chain, Some(&key), Format::Pkcs12, Some((&ascii).into())).unwrap());
    std::fs::write(dir.join("java.p12"), bytes).unwrap();
    let list = keytool(
        dir,
        &[
            "-list",
            "-v",
            "-keystore",
            "java.p12",
            "-storetype",
            "PKCS12",
            "-storepass",
            "changeit",
        ],
    );
    assert!(list.contains("Alias name: www.example.com"), "{list}");
    assert!(list.contains("Certificate chain length: 3"), "{list}");
}

#[test]
fn a_pkcs12_for_old_windows_and_java_holds_sha1_and_3des_alone() {
    let (authority, key, chain) = usual();
    let dir = authority.path();
    let password = Secret::new("changeit");
    let keystore = Keystore {
        password: &password,
        alias: Some("Tomcat Server"),
    };
    let bytes = export(&chain, Some(&key), Format::Pkcs12Legacy, Some(keystore)).unwrap();
    std::fs::write(dir.join("old.p12"), binary(bytes)).unwrap();
    let read = [
        "pkcs12",
        "-info",
        "-nodes",
        "-in",
        "old.p12",
        "-passin",
        "pass:changeit",
    ];
    let info = openssl(dir, &read, "");
    assert!(info.contains("MAC: sha1, Iteration 2048"), "{info}");
    let algorithm = "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048";
    // The certificates and the key.
    assert_eq!(info.matches(algorithm).count(), 2, "{info}");
    // "AES-" holds a sign that base64 does not have: three letters alone stand in every hundredth certificate.
    assert!(!info.contains("PBES2") && !info.contains("AES-"), "{info}");
    assert!(info.contains("friendlyName: Tomcat Server"), "{info}");
    assert_eq!(info.matches("BEGIN CERTIFICATE").count(), 3);
    let start = info.find("-----BEGIN PRIVATE KEY").unwrap();
    let end = info[start..].find("-----END PRIVATE KEY-----").unwrap() + start + 25;
    assert_eq!(
        PrivateKey::from_pem(&info[start..end]).unwrap().spki_der(),
        key.spki_der()
    );
    let store = ["-keystore", "old.p12", "-storetype", "PKCS12", "-storepass"];
    let list = keytool(dir, &[&["-list", "-v"][..], &store, &["changeit"]].concat());
    assert!(list.contains("Alias name: tomcat server"), "{list}");
    assert!(list.contains("Entry type: PrivateKeyEntry"), "{list}");
    assert!(list.contains("Certificate chain length: 3"), "{list}");
}

#[test]
fn the_alias_of_a_keystore_can_be_chosen() {
    let (authority, key, chain) = usual();
    let dir = authority.path();
    let password = Secret::new("changeit");
    for (format, kind, shown) in [
        (Format::Pkcs12, "PKCS12", "My-App"),
        (Format::Jks, "JKS", "my-app"),
    ] {
        let keystore = Keystore {
            password: &password,
            alias: Some("My-App"),
        };
        let bytes = binary(export(&chain, Some(&key), format, Some(keystore)).unwrap());
        std::fs::write(dir.join("store"), bytes).unwrap();
        let store = ["-keystore", "store", "-storetype", kind, "-storepass"];
        let alias = [
            "changeit",
            "-alias",
            &format.alias(&chain.leaf, Some("My-App")),
        ];
        let list = keytool(dir, &[&["-list", "-v"][..], &store, &alias].concat());
        assert!(list.contains(&format!("Alias name: {shown}")), "{list}");
    }
    assert_eq!(Format::Pkcs12.alias(&chain.leaf, None), "www.example.com");
    assert_eq!(Format::Jks.alias(&chain.leaf, Some("My-App")), "my-app");
}

#[test]
fn java_reads_our_jks_and_finds_the_key_in_it() {
    let dir = tempfile::tempdir().unwrap();
    for spec in [SPECS[0], SPECS[3], SPECS[5]] {
        let key = PrivateKey::generate(spec).unwrap();
        let authority = Authority::new();
        authority.root("root");
        authority.intermediate("issuing", "issuing", "root", "900");
        authority.leaf_for(&key, "leaf", "issuing");
        let found = bundle::parse(authority.all(&["leaf", "issuing"]).as_bytes()).unwrap();
        let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
        let password = Secret::new("changeit");
        let bytes =
            binary(export(&chain, Some(&key), Format::Jks, Some((&password).into())).unwrap());
        std::fs::write(dir.path().join("store.jks"), bytes).unwrap();
        let store = ["-keystore", "store.jks", "-storetype", "JKS", "-storepass"];
        let list = keytool(
            dir.path(),
            &[&["-list", "-v"][..], &store, &["changeit"]].concat(),
        );
        assert!(list.contains("Alias name: www.example.com"), "{list}");
        assert!(list.contains("Entry type: PrivateKeyEntry"), "{list}");
        assert!(list.contains("Certificate chain length: 2"), "{list}");
        let wrong = run(
            "keytool",
            dir.path(),
            &[&["-list"][..], &store, &["changeix"]].concat(),
            b"",
        );
        assert!(wrong.unwrap_err().contains("password was incorrect"));
        // What Java takes out of it is the key that we put in.
        let _ = std::fs::remove_file(dir.path().join("out.p12"));
        keytool(
            dir.path(),
            &[
                "-importkeystore",
                "-srckeystore",
                "store.jks",
                "-srcstoretype",
                "JKS",
                "-srcstorepass",
                "changeit",
                "-destkeystore",
                "out.p12",
                "-deststoretype",
                "PKCS12",
                "-deststorepass",
                "changeit",
                "-noprompt",
            ],
        );
        let out = openssl(
            dir.path(),
            &[
                "pkcs12",
                "-in",
                "out.p12",
                "-nodes",
                "-nocerts",
                "-passin",
                "pass:changeit",
            ],
            "",
        );
        let out = &out[out.find("-----BEGIN").unwrap()..];
        assert_eq!(
            PrivateKey::from_pem(out).unwrap().spki_der(),
            key.spki_der(),
            "{spec}"
        );
    }
}

#[test]
fn a_jks_is_laid_out_as_java_wants_it() {
    let (_authority, key, chain) = usual();
    let password = Secret::new("pä$$ wörd");
    let bytes = binary(export(&chain, Some(&key), Format::Jks, Some((&password).into())).unwrap());
    let store = keystore::read(&bytes, password.expose());
    assert_eq!(store.alias, "www.example.com");
    let certificates = [&chain.leaf, &chain.issuers[0], &chain.issuers[1]];
    assert_eq!(store.chain, certificates.map(|one| one.der().to_vec()));
    let pem = pem::encode(&pem::Pem::new("PRIVATE KEY", store.key));
    assert_eq!(
        PrivateKey::from_pem(&pem).unwrap().spki_der(),
        key.spki_der()
    );
    let clear = key.to_pem();
    let body: Vec<u8> = pem::parse(clear.expose()).unwrap().into_contents();
    assert!(!bytes.windows(32).any(|window| window == &body[40..72]));
}

#[test]
fn a_keystore_needs_a_key_and_a_password() {
    let (_authority, key, chain) = usual();
    let password = Secret::new("changeit");
    for (format, name) in [
        (Format::Pkcs12, "pkcs12"),
        (Format::Pkcs12Legacy, "pkcs12_legacy"),
        (Format::Jks, "jks"),
    ] {
        assert!(format.needs_key_and_password());
        let error = |key, password: Option<&Secret>| {
            export(&chain, key, format, password.map(Keystore::from))
                .unwrap_err()
                .to_string()
        };
        let text = error(None, Some(&password));
        assert!(
            text.contains(name) && text.contains("private key"),
            "{text}"
        );
        for none in [None, Some(&Secret::default())] {
            let text = error(Some(&key), none);
            assert!(text.contains(name) && text.contains("password"), "{text}");
        }
    }
}
