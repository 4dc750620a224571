//! Checks the fields of a PKI engine role that SCM does not support.

use super::super::field_values::text;
use super::super::fields;
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::Error;

/// Refuses fields that ask for more than SCM can do. Answers warnings for fields that have no effect.
pub fn check_pki_fields(given: &Values) -> Result<Vec<String>, Error> {
    let is_on = |field: &Field| given.boolean(field).unwrap_or_default();
    let lists = |field: &Field| !given.text_list(field).unwrap_or_default().is_empty();
    let refused = [
        (
            lists(&fields::PKI_URI_SANS),
            "allowed_uri_sans",
            "SCM puts no URI into a certificate",
        ),
        (
            lists(&fields::PKI_OTHER_SANS),
            "allowed_other_sans",
            "SCM puts no other names into a certificate",
        ),
        (
            lists(&fields::PKI_SERIALS),
            "allowed_serial_numbers",
            "SCM puts no serial number into the subject",
        ),
        (
            lists(&fields::PKI_USER_IDS),
            "allowed_user_ids",
            "SCM puts no user id into the subject",
        ),
        (
            is_on(&fields::PKI_CODE_FLAG),
            "code_signing_flag",
            "an SSL profile issues no code signing certificate",
        ),
        (
            is_on(&fields::PKI_EMAIL_FLAG),
            "email_protection_flag",
            "an SSL profile issues no e-mail certificate",
        ),
        (
            is_on(&fields::PKI_PSS),
            "use_pss",
            "the CA chooses its signature",
        ),
        (
            is_on(&fields::PKI_LEASE),
            "generate_lease",
            "certificates have no lease here: the end of a lease would revoke a paid certificate",
        ),
        (
            is_on(&fields::PKI_NO_STORE),
            "no_store",
            "every certificate is stored, so that none is ordered twice",
        ),
        (
            lists(&fields::PKI_POLICIES),
            "policy_identifiers",
            "the profile decides on policies",
        ),
        (
            is_on(&fields::PKI_BASIC_CONSTRAINTS),
            "basic_constraints_valid_for_non_ca",
            "the CA decides on extensions",
        ),
        (
            text(given, &fields::PKI_NOT_AFTER).is_some(),
            "not_after",
            "the profile has terms, and no fixed end",
        ),
        (
            !is_on(&fields::PKI_CSR_NAME),
            "use_csr_common_name=false",
            "SCM takes the common name from the CSR",
        ),
        (
            !is_on(&fields::PKI_CSR_SANS),
            "use_csr_sans=false",
            "the names of a CSR are ordered, all of them",
        ),
    ];
    let refused: Vec<String> = refused
        .iter()
        .filter(|(on, ..)| *on)
        .map(|(_, name, why)| format!("{name} is not possible: {why}"))
        .collect();
    if !refused.is_empty() {
        return Err(Error::bad_request(refused.join("; ")));
    }
    let without_effect: Vec<&str> = fields::ROLE_PKI
        .iter()
        .filter(|field| given.has(field))
        .filter(|field| given.value(field) != vault_plugin::framework::Value::default_of(field))
        .map(|field| field.name)
        .collect();
    let mut warnings = Vec::new();
    if !without_effect.is_empty() {
        warnings.push(format!(
            "kept and without effect: {} (the CA and the profile decide)",
            without_effect.join(", ")
        ));
    }
    let usages = given
        .text_list(&fields::PKI_EXT_KEY_USAGE)
        .unwrap_or_default();
    if usages
        .iter()
        .any(|usage| usage.to_ascii_lowercase().contains("clientauth"))
    {
        warnings.push(
            "public CAs are ending clientAuth in TLS certificates: do not build client logins on these".into(),
        );
    }
    Ok(warnings)
}
