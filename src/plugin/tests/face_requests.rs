//! Requests to `issue`, `sign` and `revoke` as different clients write them, and answers that strict clients would
//! reject.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::face::{ask, is_strictly_pki, issued, leaf, orders, serial, test};
use super::{cert, csr};
use pki::{Certificate, Csr, PrivateKey};
use vault_plugin::logical::{Error, Operation};

const NAME: &str = "www.example.com";

fn with(more: &Value) -> Value {
    let mut body = json!({"common_name": NAME});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Clients send unset fields as null, as empty text, or as numbers and booleans in text form.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_unset_is_unset_however_it_is_spelled() {
    let test = test(json!({})).await;
    let first = issued(&test.mount, "issue/r", json!({"common_name": NAME})).await;
    let nothing = [
        "alt_names",
        "ip_sans",
        "uri_sans",
        "other_sans",
        "user_ids",
        "serial_number",
        "ttl",
        "not_after",
        "not_before",
        "format",
        "private_key_format",
        "exclude_cn_from_sans",
        "remove_roots_from_chain",
        "issuer_ref",
        "cert_metadata",
        "pkcs12_password",
        "pkcs12_encoder",
        "jks_password",
        "jks_private_key_alias",
    ];
    for name in nothing {
        for value in [json!(null), json!("")] {
            let answer = ask(&test.mount, "issue/r", with(&json!({name: value}))).await;
            let answer = answer.unwrap_or_else(|error| panic!("{name} {value}: {error:?}"));
            assert_eq!(answer.data, first, "{name} {value}");
            let told = answer.warnings.join(" ");
            assert!(!told.contains("not used"), "{name} {value}: {told}");
        }
    }
    for same in [
        json!({"alt_names": []}),
        json!({"alt_names": NAME, "ip_sans": []}),
        json!({"alt_names": [NAME]}),
        json!({"alt_names": "WWW.example.com, www.example.com"}),
        json!({"common_name": "WWW.Example.COM"}),
        json!({"common_name": null, "alt_names": NAME}),
        json!({"ttl": 0}),
        json!({"ttl": "0"}),
        json!({"ttl": "0s"}),
        json!({"ttl": 2_592_000}),
        json!({"ttl": "2592000"}),
        json!({"ttl": "720h0m0s"}),
        json!({"ttl": "30d"}),
        json!({"exclude_cn_from_sans": false}),
        json!({"exclude_cn_from_sans": "false"}),
        json!({"exclude_cn_from_sans": "1"}),
        json!({"exclude_cn_from_sans": 1}),
        json!({"remove_roots_from_chain": "0"}),
        json!({"format": "pem", "private_key_format": "pem"}),
        json!({"not_after": "9999-12-31T23:59:59Z"}),
        json!({"issuer_ref": "default"}),
        json!({"issuer_ref": "other", "cert_metadata": "e30=", "not_before": "2027-01-01T00:00:00Z"}),
    ] {
        let answer = ask(&test.mount, "issue/r", with(&same)).await;
        let answer = answer.unwrap_or_else(|error| panic!("{same}: {error:?}"));
        assert_eq!(answer.data, first, "{same}");
    }
    for (bad, word) in [
        (json!({"ttl": "soon"}), "ttl"),
        (json!({"ttl": -1}), "ttl"),
        (
            json!({"ttl": "1h", "not_after": "2099-01-01T00:00:00Z"}),
            "not_after",
        ),
        (json!({"not_after": "tomorrow"}), "not_after"),
        (json!({"not_after": "2001-01-01T00:00:00Z"}), "past"),
        (json!({"format": "p7b"}), "format"),
        (json!({"private_key_format": "raw"}), "private_key_format"),
        (
            json!({"exclude_cn_from_sans": "perhaps"}),
            "exclude_cn_from_sans",
        ),
        (json!({"ip_sans": "www.example.org"}), "ip_sans"),
        (json!({"alt_names": {"a": 1}}), "alt_names"),
        (json!({"uri_sans": ["spiffe://a"]}), "uri_sans"),
        (
            json!({"other_sans": "1.3.6.1.4.1.311.20.2.3;UTF8:a"}),
            "other_sans",
        ),
        (json!({"format": "pkcs12_bundle"}), "password"),
        (json!({"comon_name": NAME}), "common_name"),
        (json!({"common_name": "", "alt_names": ""}), "common_name"),
    ] {
        match ask(&test.mount, "issue/r", with(&bad)).await {
            Err(Error::BadRequest(text)) => assert!(text.contains(word), "{bad}: {text}"),
            other => panic!("{bad}: {other:?}"),
        }
    }
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_format_of_sign_and_each_format_of_a_key_is_what_the_pki_engine_answers() {
    let test = test(json!({})).await;
    let request = csr(NAME);
    let sign = async |more: Value| {
        let mut body = json!({"csr": request, "common_name": NAME});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        issued(&test.mount, "sign/r", body).await
    };
    let pem = sign(json!({"private_key_format": "", "pkcs12_password": ""})).await;
    is_strictly_pki(&pem, false);
    let bundle = sign(json!({"format": "pem_bundle"})).await;
    let text = bundle["certificate"].as_str().unwrap();
    let chain = pem["ca_chain"].as_array().unwrap();
    assert!(text.starts_with(pem["certificate"].as_str().unwrap()) && !text.contains("KEY"));
    assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 1 + chain.len());
    let der = sign(json!({"format": "der"})).await;
    let decoded = STANDARD
        .decode(der["certificate"].as_str().unwrap())
        .unwrap();
    assert_eq!(decoded, leaf(&pem).der());
    for format in ["pkcs12_bundle", "jks_bundle"] {
        let body = json!({"csr": request, "format": format});
        let refused = ask(&test.mount, "sign/r", body).await;
        assert!(
            matches!(&refused, Err(Error::BadRequest(text)) if text.contains("private key")),
            "{refused:?}"
        );
    }
    // Both DER forms of the key belong to the certificate.
    let issue = async |more: Value| issued(&test.mount, "issue/r", with(&more)).await;
    for format in ["der", "pkcs8"] {
        let answer = issue(json!({"format": "der", "private_key_format": format})).await;
        let key = STANDARD
            .decode(answer["private_key"].as_str().unwrap())
            .unwrap();
        let label = if format == "der" {
            "EC PRIVATE KEY"
        } else {
            "PRIVATE KEY"
        };
        let text = STANDARD.encode(&key);
        let text = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
        let leaf = STANDARD
            .decode(answer["certificate"].as_str().unwrap())
            .unwrap();
        let leaf = Certificate::parse_pem_or_der(&leaf).unwrap();
        let key = PrivateKey::from_pem(&text).unwrap();
        assert_eq!(key.spki_der(), leaf.spki_der(), "{format}");
    }
    // As keytool and certreq write it, with lines that end in CR LF.
    let windows = request
        .replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
        .replace('\n', "\r\n");
    let again = issued(&test.mount, "sign/r", json!({"csr": windows})).await;
    assert_eq!(again, pem);
    for bad in [
        json!(""),
        json!(null),
        json!("no CSR"),
        json!(NAME),
        json!(7),
    ] {
        let refused = ask(&test.mount, "sign/r", json!({"csr": bad})).await;
        assert!(
            matches!(refused, Err(Error::BadRequest(_))),
            "{bad}: {refused:?}"
        );
    }
    let without_names = {
        let key = PrivateKey::generate(svpki_types::KeySpec::parse(Some("EC"), None).unwrap());
        Csr::build(&key.unwrap(), &pki::Subject::default(), &[])
            .unwrap()
            .to_pem()
    };
    let refused = ask(
        &test.mount,
        "sign/r",
        json!({"csr": without_names, "common_name": NAME}),
    )
    .await;
    assert!(
        matches!(&refused, Err(Error::BadRequest(text)) if text.contains("neither a common name")),
        "{refused:?}"
    );
    assert_eq!(orders(&test).await, [2, 0, 0]);
    test.sim.stop().await;
}

/// Clients read the CA of a mount before they trust it. `ca` is hexadecimal, and was taken for a serial number.
#[tokio::test(flavor = "multi_thread")]
async fn the_ca_of_the_mount_is_read_where_the_pki_engine_has_it() {
    let test = test(json!({})).await;
    let one = issued(&test.mount, "issue/r", json!({"common_name": NAME})).await;
    let read = test.mount.read("cert/ca", json!({})).await;
    assert_eq!(read["certificate"], one["issuing_ca"]);
    for (path, is_pem) in [("ca/pem", true), ("ca", false)] {
        let answer = test.mount.ask(Operation::Read, path, json!({})).await;
        let body = answer.unwrap().unwrap().raw.unwrap().body;
        let ca = Certificate::parse_pem_or_der(&body).unwrap();
        assert!(leaf(&one).is_issued_by(&ca));
        assert_eq!(body.starts_with(b"-----BEGIN"), is_pem);
    }
    test.sim.stop().await;
}

/// Terraform's destroy failed with 409 every time, although the certificate could have been revoked.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_replaced_is_revoked_by_its_serial_number_and_the_newer_one_is_not()
{
    let test = test(json!({})).await;
    let old = issued(&test.mount, "issue/r", json!({"common_name": NAME})).await;
    let page = test.mount.read("inventory", json!({})).await;
    let id = page["certificates"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("replace/web/{id}");
    let new = issued(&test.mount, &path, json!({"reason": "lost"})).await;
    assert_ne!(serial(&new), serial(&old));
    let with_key = json!({"serial_number": serial(&old), "private_key": old["private_key"]});
    let refused = ask(&test.mount, "revoke-with-key", with_key).await;
    assert!(
        matches!(&refused, Err(Error::Conflict(text)) if text.contains("was replaced by") && text.contains("nothing was revoked")),
        "{refused:?}"
    );
    let body = json!({"serial_number": serial(&old)});
    let revoked = ask(&test.mount, "revoke", body.clone()).await.unwrap();
    assert_eq!(revoked.data["state"], "revoked");
    let again = ask(&test.mount, "revoke", body).await.unwrap();
    assert_eq!(
        again.data["revocation_time"],
        revoked.data["revocation_time"]
    );
    assert_eq!(test.calls("revoke_serial").await, 1);
    assert_eq!(test.calls("revoke").await, 0);
    let status = test.mount.read(&format!("certs/web/{id}"), json!({})).await;
    assert_eq!(status["status"], "issued", "the newer one is in use");
    assert!(
        cert(&test.mount, &id)
            .await
            .revoked_serials
            .contains_key(serial(&old))
    );
    // The role still hands it out.
    let served = issued(&test.mount, "issue/r", json!({"common_name": NAME})).await;
    assert_eq!(serial(&served), serial(&new));

    // If SCM takes the number for the certificate in use, or does not know it, nothing is revoked.
    let other = issued(
        &test.mount,
        "issue/r",
        json!({"common_name": "api.example.com"}),
    )
    .await;
    let page = test.mount.read("inventory", json!({"q": "api"})).await;
    let id = page["certificates"][0]["id"].as_str().unwrap().to_owned();
    issued(
        &test.mount,
        &format!("replace/web/{id}"),
        json!({"reason": "lost"}),
    )
    .await;
    test.rules(json!([{"call": "revoke_serial", "error": {"status": 404, "code": -5101, "description": "not found"}}]))
        .await;
    let body = json!({"serial_number": serial(&other)});
    let refused = ask(&test.mount, "revoke", body).await;
    assert!(
        matches!(&refused, Err(Error::Conflict(text)) if text.contains("Ask Sectigo") && text.contains(&id)),
        "{refused:?}"
    );
    let status = test.mount.read(&format!("certs/web/{id}"), json!({})).await;
    assert_eq!(status["status"], "issued");
    test.sim.stop().await;
}

/// The second of two requests at the same time got a 409, although a revoked certificate is answered as a success.
#[tokio::test(flavor = "multi_thread")]
async fn two_revocations_of_a_serial_number_at_once_were_a_conflict() {
    let test = test(json!({})).await;
    let one = issued(&test.mount, "issue/r", json!({"common_name": NAME})).await;
    test.rules(json!([{"call": "revoke", "slow": "1s"}])).await;
    let body = json!({"serial_number": serial(&one)});
    let asking = (0..3).map(|_| ask(&test.mount, "revoke", body.clone()));
    let answers = futures_util::future::join_all(asking).await;
    for answer in &answers {
        let answer = answer.as_ref().unwrap();
        assert_eq!(answer.data, answers[0].as_ref().unwrap().data);
        assert_eq!(answer.data["state"], "revoked");
    }
    assert_eq!(test.calls("revoke").await, 1);
    test.sim.stop().await;
}

/// Terraform and hvac send back the private key that they were answered.
#[tokio::test(flavor = "multi_thread")]
async fn an_rsa_key_in_either_form_proves_its_possession() {
    for format in ["der", "pkcs8"] {
        let test = test(json!({"key_type": "rsa"})).await;
        let body = with(&json!({"private_key_format": format}));
        let answer = issued(&test.mount, "issue/r", body).await;
        let body = json!({"serial_number": serial(&answer).replace(':', "-"), "private_key": answer["private_key"]});
        let revoked = ask(&test.mount, "revoke-with-key", body).await.unwrap();
        assert_eq!(revoked.data["state"], "revoked");
        test.sim.stop().await;
    }
}
