//! Bundles in every wrapping, chains from every disorder.

use pki::{Chain, PathPreference, PrivateKey, bundle};
use proptest::prelude::*;

use crate::authority::Authority;
use crate::openssl;

fn issuers(chain: &Chain) -> Vec<&str> {
    chain
        .issuers
        .iter()
        .map(|issuer| issuer.common_name().unwrap())
        .collect()
}

#[test]
fn what_a_certificate_says() {
    let (authority, key) = Authority::usual();
    let leaf = authority.certificate("leaf");
    assert_eq!(leaf.common_name(), Some("www.example.com"));
    assert_eq!(leaf.spki_der(), key.spki_der());
    let names: Vec<String> = leaf.sans().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["www.example.com", "192.0.2.7", "web@example.com"]);
    assert_eq!(leaf.emails().collect::<Vec<_>>(), ["web@example.com"]);
    assert_eq!(leaf.key_description().as_str(), "EC P-256");
    assert_eq!(leaf.issuer_name(), "O=Test, CN=issuing");
    assert!(!leaf.is_self_signed() && !leaf.is_ca());
    assert!(authority.certificate("root").is_self_signed());
    let text = openssl(
        authority.path(),
        &[
            "x509",
            "-noout",
            "-serial",
            "-startdate",
            "-enddate",
            "-dateopt",
            "iso_8601",
        ],
        leaf.to_pem(),
    );
    let serial = leaf.serial_hex_colon().replace(':', "").to_uppercase();
    assert!(text.contains(&format!("serial={serial}\n")), "{text}");
    let spaced = |time: jiff::Timestamp| time.to_string().replace('T', " ");
    assert!(
        text.contains(&format!("notBefore={}", spaced(leaf.not_before()))),
        "{text}"
    );
    assert!(
        text.contains(&format!("notAfter={}", spaced(leaf.not_after()))),
        "{text}"
    );
}

#[test]
fn every_wrapping_is_read() {
    let (authority, key) = Authority::usual();
    let pem = authority.all(&["root", "policy", "issuing", "leaf"]);
    std::fs::write(authority.path().join("all.pem"), &pem).unwrap();
    let p7 = |form: &str| {
        let args = [
            "crl2pkcs7",
            "-nocrl",
            "-certfile",
            "all.pem",
            "-outform",
            form,
        ];
        crate::run("openssl", authority.path(), &args, b"").unwrap()
    };
    let (p7_pem, p7_der) = (p7("PEM"), p7("DER"));
    let bare = String::from_utf8(p7_pem.clone()).unwrap();
    let bare: String = bare.lines().filter(|line| !line.starts_with('-')).collect();
    for (what, bytes) in [
        ("PEM", pem.clone().into_bytes()),
        (
            "PEM, CRLF, BOM, text",
            format!("\u{feff}subject=x\r\n{}", pem.replace('\n', "\r\n")).into_bytes(),
        ),
        ("PKCS#7 PEM", p7_pem),
        ("PKCS#7 DER", p7_der),
        ("PKCS#7 base64", bare.into_bytes()),
    ] {
        let found = bundle::parse(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(found.len(), 4, "{what}");
        let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
        assert_eq!(chain.leaf, authority.certificate("leaf"), "{what}");
        assert_eq!(issuers(&chain), ["issuing", "policy"], "{what}");
        assert_eq!(chain.root, Some(authority.certificate("root")), "{what}");
        assert_eq!(chain.missing_issuer(), None);
    }
    let der = authority.certificate("leaf").der().to_vec();
    assert_eq!(
        bundle::parse(&der).unwrap(),
        [authority.certificate("leaf")]
    );
}

#[test]
fn no_order_duplicate_or_stranger_matters() {
    let (authority, key) = Authority::usual();
    authority.root("stranger");
    authority.leaf("other", "stranger");
    let orders = [
        [
            "leaf", "issuing", "policy", "root", "stranger", "other", "leaf", "policy",
        ],
        [
            "root", "policy", "issuing", "leaf", "other", "root", "issuing", "stranger",
        ],
        [
            "policy", "other", "leaf", "root", "leaf", "stranger", "issuing", "issuing",
        ],
    ];
    for order in orders {
        let found = bundle::parse(authority.all(&order).as_bytes()).unwrap();
        let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
        assert_eq!(issuers(&chain), ["issuing", "policy"]);
        let above: String = chain.issuers.iter().map(|issuer| issuer.to_pem()).collect();
        std::fs::write(authority.path().join("above.pem"), above).unwrap();
        let args = ["verify", "-CAfile", "root.pem", "-untrusted", "above.pem"];
        assert!(openssl(authority.path(), &args, chain.leaf.to_pem()).contains(": OK"));
    }
}

#[test]
fn incomplete_chains_are_noted() {
    let (authority, key) = Authority::usual();
    let chain = |names: &[&str]| {
        let found = bundle::parse(authority.all(names).as_bytes()).unwrap();
        Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap()
    };
    let gap = chain(&["leaf", "policy", "root"]);
    assert_eq!((issuers(&gap).len(), &gap.root), (0, &None));
    assert_eq!(gap.missing_issuer(), Some("O=Test, CN=issuing"));
    let rootless = chain(&["policy", "issuing", "leaf"]);
    assert_eq!(issuers(&rootless), ["issuing", "policy"]);
    assert_eq!(rootless.missing_issuer(), Some("O=Test, CN=root"));
}

#[test]
fn cross_signed_issuers_take_the_short_way_to_a_root() {
    let (authority, key) = Authority::usual();
    authority.root("old root");
    // The same key and name as `policy` and as `root`, each also signed by the old root.
    authority.intermediate("policy, cross", "policy", "old root", "2000");
    authority.intermediate("root, cross", "root", "old root", "2000");
    let chain = |names: &[&str]| {
        let found = bundle::parse(authority.all(names).as_bytes()).unwrap();
        Chain::assemble(found, key.spki_der(), PathPreference::Short).unwrap()
    };
    let both = chain(&[
        "old root",
        "root, cross",
        "root",
        "policy",
        "issuing",
        "leaf",
    ]);
    assert_eq!(issuers(&both), ["issuing", "policy"]);
    assert_eq!(both.root, Some(authority.certificate("root")));
    let only_old = chain(&["old root", "root, cross", "policy", "issuing", "leaf"]);
    assert_eq!(issuers(&only_old), ["issuing", "policy", "root"]);
    assert_eq!(only_old.root, Some(authority.certificate("old root")));
    let cross = chain(&["policy, cross", "policy", "old root", "issuing", "leaf"]);
    assert_eq!(issuers(&cross), ["issuing", "policy"]);
    assert_eq!(cross.root, Some(authority.certificate("old root")));
    assert_eq!(cross.issuers[1], authority.certificate("policy, cross"));
}

/// leaf, issuing, the newest root by itself and by the root that clients have known for longer, and that one.
const CROSS_SIGNED: [&str; 5] = ["old root", "root", "root, cross", "issuing", "leaf"];

fn cross_signed() -> (Authority, PrivateKey) {
    let authority = Authority::new();
    authority.root("old root");
    authority.root("root");
    authority.intermediate("root, cross", "root", "old root", "2000");
    authority.intermediate("issuing", "issuing", "root", "900");
    let key = authority.leaf("leaf", "issuing");
    (authority, key)
}

/// What openssl says that trusts this root alone and has been sent this chain.
fn verified(authority: &Authority, root: &str, chain: &Chain) -> Result<String, String> {
    let above: String = chain.issuers.iter().map(|issuer| issuer.to_pem()).collect();
    std::fs::write(authority.path().join("above.pem"), above).unwrap();
    let (root, leaf) = (format!("{root}.pem"), chain.leaf.to_pem());
    let args = [
        "verify",
        "-no-CApath",
        "-no-CAstore",
        "-CAfile",
        &root,
        "-untrusted",
        "above.pem",
    ];
    crate::run("openssl", authority.path(), &args, leaf.as_bytes())
        .map(|told| String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn the_cross_signed_root_that_old_clients_need_is_kept() {
    let (authority, key) = cross_signed();
    let mut delivered = CROSS_SIGNED.to_vec();
    for _ in 0..delivered.len() {
        delivered.rotate_left(1);
        let chain = |preference| {
            let found = bundle::parse(authority.all(&delivered).as_bytes()).unwrap();
            Chain::assemble(found, key.spki_der(), preference).unwrap()
        };
        let compatible = chain(PathPreference::Compatible);
        assert_eq!(issuers(&compatible), ["issuing", "root"], "{delivered:?}");
        assert_eq!(compatible.issuers[1], authority.certificate("root, cross"));
        assert_eq!(compatible.root, Some(authority.certificate("old root")));
        for root in ["old root", "root"] {
            let told = verified(&authority, root, &compatible).unwrap();
            assert!(told.contains(": OK"), "{root}: {told}");
        }
        let short = chain(PathPreference::Short);
        assert_eq!(issuers(&short), ["issuing"], "{delivered:?}");
        assert_eq!(short.root, Some(authority.certificate("root")));
        assert!(
            verified(&authority, "root", &short)
                .unwrap()
                .contains(": OK")
        );
        // What the longer one is for.
        assert!(verified(&authority, "old root", &short).is_err());
    }
}

#[test]
fn the_cross_signed_root_is_kept_without_the_root_that_signed_it() {
    let (authority, key) = cross_signed();
    let delivered = ["root", "root, cross", "issuing", "leaf"];
    let found = bundle::parse(authority.all(&delivered).as_bytes()).unwrap();
    let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
    assert_eq!(chain.issuers[1], authority.certificate("root, cross"));
    assert_eq!((issuers(&chain).len(), &chain.root), (2, &None));
    assert_eq!(chain.missing_issuer(), Some("O=Test, CN=old root"));
}

#[test]
fn a_cross_signature_that_ends_before_the_leaf_is_not_taken() {
    let (authority, key) = cross_signed();
    authority.intermediate("root, cross", "root", "old root", "30");
    let found = bundle::parse(authority.all(&CROSS_SIGNED).as_bytes()).unwrap();
    let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
    assert_eq!(issuers(&chain), ["issuing"]);
    assert_eq!(chain.root, Some(authority.certificate("root")));
}

#[test]
fn a_tangle_of_cross_signed_cas_ends_in_one_path_without_repeats() {
    let authority = Authority::new();
    let cas = ["ca 0", "ca 1", "ca 2", "ca 3", "ca 4", "ca 5", "ca 6"];
    cas.iter().for_each(|name| authority.root(name));
    let mut delivered = vec!["leaf".to_owned()];
    for subject in cas {
        for issuer in cas.iter().filter(|issuer| **issuer != subject) {
            let name = format!("{subject} by {issuer}");
            authority.intermediate(&name, subject, issuer, "2000");
            delivered.push(name);
        }
    }
    let key = authority.leaf("leaf", "ca 0");
    let delivered: Vec<&str> = delivered.iter().map(String::as_str).collect();
    let found = bundle::parse(authority.all(&delivered).as_bytes()).unwrap();
    let chain = Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
    let mut names = issuers(&chain);
    assert_eq!(names.len(), cas.len());
    names.sort_unstable();
    assert_eq!(names, cas);
}

#[test]
fn an_issuer_of_the_right_name_and_the_wrong_key_is_none() {
    let (authority, key) = Authority::usual();
    let impostor = Authority::new();
    impostor.root("issuing");
    let text = [authority.pem("leaf"), impostor.pem("issuing")].concat();
    let chain = Chain::assemble(
        bundle::parse(text.as_bytes()).unwrap(),
        key.spki_der(),
        PathPreference::Compatible,
    )
    .unwrap();
    assert!(chain.issuers.is_empty() && chain.root.is_none());
}

#[test]
fn the_leaf_is_found_by_its_key_or_by_having_issued_nothing() {
    let (authority, key) = Authority::usual();
    let found = |names: &[&str]| bundle::parse(authority.all(names).as_bytes()).unwrap();
    let any_leaf = |found| Chain::assemble_any_leaf(found, PathPreference::Compatible);
    let error = Chain::assemble(
        found(&["root", "policy"]),
        key.spki_der(),
        PathPreference::Compatible,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("no certificate for our key"),
        "{error}"
    );
    assert!(error.to_string().contains("CN=policy"), "{error}");
    let chain = any_leaf(found(&["root", "leaf", "policy", "issuing"])).unwrap();
    assert_eq!(
        chain,
        Chain::assemble(
            found(&["root", "policy", "issuing", "leaf"]),
            key.spki_der(),
            PathPreference::Compatible,
        )
        .unwrap()
    );
    authority.root("stranger");
    let chain = any_leaf(found(&["stranger", "issuing", "leaf"])).unwrap();
    assert_eq!(chain.leaf, authority.certificate("leaf"));
    authority.leaf("second", "issuing");
    let error = any_leaf(found(&["issuing", "leaf", "second"])).unwrap_err();
    assert!(error.to_string().contains("not clear"), "{error}");
    assert!(any_leaf(Vec::new()).is_err());
}

#[test]
fn what_is_no_bundle_is_refused_with_the_reason() {
    let (authority, _) = Authority::usual();
    let leaf = authority.pem("leaf");
    let key = std::fs::read(authority.path().join("root.key")).unwrap();
    let der = authority.certificate("leaf").der().to_vec();
    for (bytes, word) in [
        (&b""[..], "expected PEM or DER"),
        (
            b"upstream connect error or disconnect/reset before headers",
            "expected PEM",
        ),
        (b"<html><body>503</body></html>", "expected PEM"),
        (&leaf.as_bytes()[..leaf.len() - 40], "cut off"),
        (&key, "no certificate, only PRIVATE KEY"),
        (&der[..der.len() - 1], "no X.509 certificate"),
        (&[&der[..], b"x"].concat(), "bytes after its end"),
        (&vec![b'A'; 2_000_000], "at most"),
    ] {
        let error = bundle::parse(bytes).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_a_bundle_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = bundle::parse(&bytes);
        let _ = bundle::parse(&[&[0x30, 0x82][..], &bytes].concat());
    }

    #[test]
    fn damaged_certificates_are_read_or_refused(changes in prop::collection::vec((0_usize..5_000, any::<u8>()), 1..6)) {
        thread_local! {
            static GOOD: Vec<u8> = {
                let (authority, _) = Authority::usual();
                std::fs::write(authority.path().join("all.pem"), authority.all(&["leaf", "issuing"])).unwrap();
                let args = ["crl2pkcs7", "-nocrl", "-certfile", "all.pem", "-outform", "DER"];
                crate::run("openssl", authority.path(), &args, b"").unwrap()
            };
        }
        let mut bytes = GOOD.with(Clone::clone);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(found) = bundle::parse(&bytes) {
            let _ = Chain::assemble_any_leaf(found.clone(), PathPreference::Compatible);
            let _ = Chain::assemble_any_leaf(found, PathPreference::Short);
        }
    }
}
