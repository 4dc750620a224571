//! Test cases for all declared fields.

use std::sync::LazyLock;

use pki::PrivateKey;
use serde_json::{Value, json};
use svpki_types::{Curve, KeySpec};

use super::over;
use scm_sim::Sim;
use vault_plugin::framework::{Field, FieldKind};
use vault_plugin::logical::Operation;

/// How a test makes the effect of one field visible.
#[derive(Clone)]
pub struct Case {
    /// The value of the field.
    pub value: Value,
    /// The body in both runs.
    pub body: Value,
    /// Changes to the usual config in both runs.
    pub config: Value,
    pub client: bool,
    /// Rules for the simulated SCM.
    pub rules: Value,
    /// Sends the same request twice.
    pub twice: bool,
    /// Waits a moment, and then runs the background work.
    pub background: bool,
}

fn case(value: Value) -> Case {
    Case {
        value,
        body: json!({}),
        config: json!({}),
        client: false,
        rules: json!([]),
        twice: false,
        background: false,
    }
}

impl Case {
    fn body(self, body: Value) -> Self {
        Self { body, ..self }
    }

    fn config(self, config: Value) -> Self {
        Self { config, ..self }
    }

    fn client(self) -> Self {
        Self {
            client: true,
            ..self
        }
    }

    fn rules(self, rules: Value) -> Self {
        Self { rules, ..self }
    }
}

pub const CSR: &str = include_str!("own.csr");

/// A key that belongs to no certificate.
static KEY: LazyLock<String> = LazyLock::new(|| {
    let key = PrivateKey::generate(KeySpec::Ec(Curve::P256)).unwrap();
    key.to_pem().expose().to_owned()
});

/// Fields of an order, which have the same case in a request and as the config's default.
fn of_an_order(field: &Field) -> Option<Case> {
    let auto = json!({"sectigo_auto_renew": true});
    Some(match field.name {
        "sectigo_csr_domain" => case(json!("other.example.com")).body(json!({"csr": ""})),
        "sectigo_csr_country" => case(json!("DE")),
        "sectigo_csr_state" => case(json!("Bavaria")),
        "sectigo_csr_location" => case(json!("Munich")),
        "sectigo_csr_organization" => case(json!("Another")),
        "sectigo_csr_organization_unit" => case(json!("Unit")),
        "sectigo_csr_email_address" => case(json!("someone@example.com")),
        "sectigo_csr" => case(json!(CSR)),
        "sectigo_csr_key_algo" => case(json!("RSA")),
        "sectigo_csr_key_size" => case(json!("P-384")),
        "profile_id" | "sectigo_ssl_cert_type" => case(json!(52)),
        "term" | "sectigo_ssl_cert_validity" => case(json!(199)),
        "sectigo_client_cert_type" => case(json!(62)).client(),
        "sectigo_client_cert_validity" => case(json!(730)).client(),
        "sectigo_ssl_cert_subject_alt_names" => case(json!("also.example.com")),
        "sectigo_ssl_cert_comments" => case(json!("a word")),
        "sectigo_ssl_cert_external_requester" => case(json!("someone@example.com")),
        "sectigo_ssl_cert_custom_fields" => case(json!({"Stage": "production"})),
        "sectigo_ssl_cert_dcv_mode" => case(json!("EMAIL")),
        "sectigo_ssl_cert_dcv_email" => {
            case(json!("admin@example.com")).body(json!({"sectigo_ssl_cert_dcv_mode": "EMAIL"}))
        }
        "sectigo_ssl_cert_num_servers" | "sectigo_ssl_cert_server_type" => case(json!(1)),
        "sectigo_client_cert_first_name" => case(json!("Janet")).client(),
        "sectigo_client_cert_middle_name" => case(json!("Q")).client(),
        "sectigo_client_cert_last_name" => case(json!("Roe")).client(),
        "sectigo_client_cert_email" => case(json!("janet@example.com")).client(),
        "sectigo_client_cert_secondary_emails" => case(json!("j@example.com")).client(),
        "sectigo_client_cert_phone" => case(json!("+44 1")).client(),
        "sectigo_client_cert_comments" => case(json!("a word")).client(),
        "sectigo_client_cert_custom_fields" => case(json!({"Employee Number": "7"})).client(),
        "sectigo_auto_renew" => case(json!(true)),
        "sectigo_expiry_window" => case(json!(10)).config(auto),
        "sectigo_max_timeout" => case(json!(0)).rules(json!([{"delay": "2s"}])),
        "sectigo_loop_period" => case(json!(1)).rules(json!([{"delay": "8s"}])),
        "idempotency_key" => Case {
            twice: true,
            ..case(json!("a key"))
        },
        "dry_run" => case(json!(true)),
        "owner" | "team" | "ticket" => case(json!("shop")),
        "metadata" => case(json!({"Stage": "production"})),
        _ => return of_a_form(field),
    })
}

fn of_a_form(field: &Field) -> Option<Case> {
    Some(match field.name {
        "format" => case(json!("der")),
        "sectigo_ssl_cert_format_type" => case(json!("x509IO")),
        "password" => case(json!("open-sesame")).body(json!({"format": "pkcs12"})),
        "include_root" => case(json!(true)),
        // Without a key the field only has an effect on the refusal.
        "alias" => case(json!("mine")).body(json!({"format": "der"})),
        _ => return None,
    })
}

/// Fields that only configs have.
pub fn of_a_config(field: &Field, sim: &Sim) -> Option<Case> {
    let certificate = json!({"auth_method": "client_certificate", "sectigo_cm_base_url": sim.https_url,
        "auth_certificate": sim.client_cert_pem, "auth_private_key": sim.client_key_pem, "ca_bundle": sim.ca_pem});
    let oauth = json!({"auth_method": "oauth2", "oauth2_token_url": sim.token_url,
        "oauth2_client_id": sim.client_id, "oauth2_client_secret": sim.client_secret});
    let from = |all: &Value| case(all[field.name].clone()).config(all.clone());
    Some(match field.name {
        "sectigo_config_type" => case(json!("client_cert")),
        "sectigo_cm_base_url" => case(json!("http://127.0.0.1:1")),
        "sectigo_cm_uri" => case(json!("another")),
        "sectigo_cm_org_id" => case(json!(124)),
        "sectigo_cm_user" => case(json!("nobody")),
        "sectigo_cm_password" => case(json!("wrong")),
        "auth_method" => from(&oauth),
        "auth_certificate" | "auth_private_key" | "ca_bundle" => from(&certificate),
        "oauth2_token_url" | "oauth2_client_id" | "oauth2_client_secret" => from(&oauth),
        "max_requests_per_second" => case(json!(1)),
        "scm_timeout" => case(json!(1)).rules(json!([{"call": "types", "slow": "3s"}])),
        "settle_after" => case(json!(0))
            .body(json!({"sectigo_max_timeout": 3}))
            .rules(json!([{"call": "enroll", "drop": "before", "first": 1}])),
        "profile_refresh_period" => Case {
            background: true,
            ..case(json!(1))
        },
        "allowed_domains" => case(json!("example.org")),
        "allow_subdomains" => case(json!(true)).config(json!({"allowed_domains": "example.com"})),
        "allow_wildcard_certificates" => {
            case(json!(false)).body(json!({"common_name": "*.example.com"}))
        }
        "allowed_email_domains" => {
            case(json!("example.org")).body(json!({"alt_names": "someone@example.com"}))
        }
        "allow_private_names" => case(json!(true)).body(json!({"common_name": "printer.local"})),
        "field_names" => case(json!("sectigo")),
        "chain" => case(json!("short")),
        "key_storage" => case(json!("never")),
        "reuse" => case(json!("role")),
        "reuse_until" => Case {
            twice: true,
            ..case(json!("90%")).config(json!({"reuse": "role"}))
        },
        "sectigo_csr_key_algo" => case(json!("EC")),
        "certs_include_key" => case(json!(true)),
        // As defaults, these fields have an effect only if the order has no common name.
        "sectigo_csr_domain" | "sectigo_csr" => {
            of_an_order(field)?.body(json!({"common_name": null}))
        }
        "sectigo_expiry_window" => case(json!(10)).config(json!({"sectigo_auto_renew": true})),
        _ => {
            let case = of_an_order(field)?;
            Case {
                body: json!({}),
                config: over(&case.config, &case.body),
                ..case
            }
        }
    })
}

fn of_a_role(field: &Field) -> Option<Case> {
    let value = match (field.name, field.kind) {
        ("config", _) => return Some(case(json!("web"))),
        ("key_type", _) => json!("rsa"),
        ("reuse", _) => json!("off"),
        ("reuse_until", _) => json!("10%"),
        (_, FieldKind::Boolean) => json!(field.default != Some("true")),
        (_, FieldKind::Text) => json!("another"),
        (_, FieldKind::TextList) => json!("example.org"),
        (_, FieldKind::Integer) => json!(52),
        (_, FieldKind::Seconds) => json!("1h"),
        (_, FieldKind::NameValues) => json!({"a": "1"}),
    };
    Some(case(value).body(json!({"config": "web"})))
}

/// Fields of Vault's own PKI engine.
fn of_pki(field: &Field) -> Option<Case> {
    Some(match field.name {
        "common_name" => case(json!("other.example.com")),
        "alt_names" => case(json!("also.example.com")),
        "ip_sans" => case(json!("192.0.2.1")),
        "uri_sans" | "other_sans" | "user_ids" | "serial_number" => case(json!("00:11")),
        "ttl" => case(json!("199d")),
        "not_after" => case(json!("2027-05-01T00:00:00Z")),
        "format" => case(json!("der")),
        "exclude_cn_from_sans" => case(json!(true)).body(json!({"common_name": "www.example.com"})),
        "remove_roots_from_chain" => case(json!(true)),
        "private_key_format" => case(json!("pkcs8")),
        "pkcs12_password" => case(json!("changeit")).body(json!({"format": "pkcs12_bundle"})),
        "jks_password" => case(json!("changeit")).body(json!({"format": "jks_bundle"})),
        "issuer_ref"
        | "cert_metadata"
        | "not_before"
        | "pkcs12_encoder"
        | "jks_private_key_alias"
        | "certificate" => case(json!("another")),
        "csr" => case(json!(CSR)).body(json!({"csr": ""})),
        "private_key" => case(json!("no key")),
        _ => return None,
    })
}

/// Fields of the other steps.
pub fn of_a_step(pattern: &str, operation: Operation, field: &Field) -> Option<Case> {
    Some(match (pattern, field.name) {
        ("configs/:name", "force") => case(json!(true)),
        ("roles/:name", _) => return of_a_role(field),
        ("issue/:role", _) => of_pki(field)?.body(over(
            &json!({"common_name": "www.example.com"}),
            &of_pki(field)?.body,
        )),
        ("sign/:role", _) => of_pki(field)?.body(over(&json!({"csr": CSR}), &of_pki(field)?.body)),
        // Without a key the request is refused before other fields are read.
        ("revoke-with-key", "serial_number" | "certificate") => {
            of_pki(field)?.body(json!({"private_key": *KEY}))
        }
        ("revoke" | "revoke-with-key", _) => of_pki(field)?,
        // The order was lost on its way to SCM, and is not yet sent again.
        ("orders/:config/:order_id", "force") => {
            case(json!(true)).config(json!({"settle_after": "1h"}))
        }
        (_, "sectigo_revoke_reason") => case(json!("why")),
        (_, "reason_code") => case(json!(1)).body(json!({"reason": "why"})),
        (_, "sectigo_replace_reason") => case(json!("why")),
        (_, "sectigo_ssl_cert_common_name") => case(json!("other.example.com")),
        (_, "sectigo_client_cert_revoke_on_replace") => case(json!(true)).client(),
        (_, "reuse_key") => case(json!(true)),
        ("current/:config/:name", "require_key") => {
            case(json!(true)).config(json!({"key_storage": "once"}))
        }
        ("current/:config/:name", "refresh_interval") => case(json!("30s")),
        // A replacement has the name of its certificate; that of a client certificate may have another profile and
        // term.
        ("replace/:config/:id", "profile_id" | "sectigo_ssl_cert_type") => case(json!(52)),
        ("replace/:config/:id" | "renew/:config/:id", "sectigo_csr") => case(json!(CSR)),
        (
            "profile/:config" | "profile/:config/:profile_id",
            "profile_id" | "sectigo_ssl_cert_type",
        ) => case(json!(52)),
        ("profile/:config" | "profile/:config/:profile_id", "sectigo_client_cert_type") => {
            case(json!(62)).client()
        }
        ("inventory/:config", _) => return of_a_step("inventory", operation, field),
        ("health/:config", "stored") => case(json!(true)),
        ("inventory", "owner" | "team" | "ticket") => case(json!("nobody")),
        ("inventory", "metadata") => case(json!("Stage=production")),
        ("inventory", "status") => case(json!("revoked")),
        ("inventory", "config") => case(json!("nobody")),
        ("inventory", "q") => case(json!("b.example")),
        ("inventory", "expires_before" | "expires_after" | "issued_after") => {
            case(json!("2027-05-01"))
        }
        ("inventory", "sort") => case(json!("-common_name")),
        ("inventory", "after") => case(json!("OTk5OTk5OTk5OTk5OQ")),
        ("reconcile/:config", "after") => case(json!("vault:")),
        (_, "after") => case(json!("zzz")),
        (_, "limit") => case(json!(1)),
        (_, "all") => case(json!(true)),
        ("domains/:config/:domain", "action") => case(json!("start")),
        ("domains/:config/:domain", "method") => {
            case(json!("http")).body(json!({"action": "start"}))
        }
        ("domains/:config/:domain", "email") => {
            case(json!("admin@example.com")).body(json!({"action": "start", "method": "email"}))
        }
        ("tidy", "safety_buffer") => case(json!(0)),
        ("tidy", "interval") => case(json!(3_600)),
        _ if matches!(operation, Operation::Read) => return of_a_form(field),
        _ => return of_an_order(field),
    })
}
