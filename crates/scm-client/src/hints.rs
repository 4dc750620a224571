//! Hints for operators on what to do about SCM's codes.
//!
//! SCM gives some codes two meanings; the hint then names both.

use super::codes::KnownCode;

const UNKNOWN_ID: &str = "SCM knows no certificate with this id";

pub(super) fn for_code(code: i64) -> Option<&'static str> {
    match KnownCode::of(code) {
        Some(known) => Some(for_known_code(known)),
        None => for_other_code(code),
    }
}

fn for_known_code(code: KnownCode) -> &'static str {
    match code {
        KnownCode::NotReady => "SCM is still working on it: ask again later",
        KnownCode::Unavailable => "the CA is not available now: try again later",
        KnownCode::InternalError => "an error inside SCM: try again, then ask Sectigo's support",
        KnownCode::LoginRefused => {
            "check login, password and customer URI; new API users must change their initial password first"
        }
        KnownCode::PrivilegeMissing => {
            "the SCM login lacks a privilege for this: check its role and the organization's \"Web/REST API\" switch"
        }
        KnownCode::NotFound => UNKNOWN_ID,
        KnownCode::TermRefused => "choose a term (days) that the profile offers",
        KnownCode::KeyRefused => {
            "the profile does not allow this key: choose a key type and size that it lists"
        }
        KnownCode::DomainNotValidated => {
            "domain control validation is missing or expired: `svpki domains list` shows which, `svpki domains start` the record"
        }
        KnownCode::NoDomainValidation => {
            "this SCM customer has no domain validation: Sectigo validates each certificate"
        }
        KnownCode::AlreadyRevoked => "already revoked, or a custom field is invalid",
    }
}

fn for_other_code(code: i64) -> Option<&'static str> {
    Some(match code {
        -7 | -951 | -1001 => "a required field is missing in the request",
        -9 | -10 | -138 => "SCM cannot read the CSR",
        -35 => "this SCM still checks the retired server type: ask Sectigo's support",
        -111 => {
            "SCM no longer has this profile: ask SCM's administrator to set a superseding profile, or order with another profile"
        }
        -39 | -172 => "the profile id is not available to this organization: list the profiles",
        -62 | -64 | -131 | -134 | -135 | -160 | -1601 => {
            "check the custom fields: all mandatory ones, with values that SCM allows"
        }
        -102 => "only an issued certificate can be revoked",
        -105 | -500 | -508 | -518 | -524 => "check the person's name and e-mail address at SCM",
        -110 | -192 => "the certificate is revoked",
        -123 | -124 | -1104 => UNKNOWN_ID,
        -126 | -1450 => "SCM does not know this certificate format",
        -130 => "the certificate is not in the state \"Issued\"",
        -139 => "SCM wants an external requester: set sectigo_ssl_cert_external_requester",
        -164 => "the CA does not issue to local names or private addresses for that long",
        -169 => "the certificate cannot be collected: ask the SCM administrator",
        -180 => "this profile does not allow renewal: order a new certificate with enroll",
        -184 | -185 | -834 | -840 => {
            "the organization has no profile or no term for this: set it up in SCM"
        }
        -188 => {
            "this person already has as many valid certificates as SCM allows: revoke one first"
        }
        -226 | -256..=-233 => "the SCM administrator's privileges are set up wrongly",
        -639 | -1021 | -1023 => {
            "check the id of the organisation or department (sectigo_cm_org_id)"
        }
        -715 | -727 | -732 | -1010 => {
            "the domain is not delegated to this organization, or is inactive, in SCM"
        }
        -723 => "SCM validates the domain above this one: start with that",
        -724 => "start the validation again: SCM has nothing to check for this domain and method",
        -843 => "the organization must be validated before this profile can be requested",
        -1002 => "SCM could not parse our request: this is a defect, please report it",
        -1108 => "SCM has no valid client certificate for this e-mail address",
        -1112 | -1113 | -1140 => "the request's state at SCM does not allow this",
        -1148 => {
            "this certificate is installed automatically by SCM and cannot be replaced from here"
        }
        -3114 | -3115 => "it was changed at SCM in the meantime: try again",
        _ => return None,
    })
}

pub(super) fn for_status(status: u16) -> Option<&'static str> {
    Some(match status {
        300..=399 => "the base URL leads elsewhere: give the address of the API itself",
        401 => "check login, password and customer URI",
        403 => "the login may not do this, or a proxy before SCM refuses it",
        404 => "SCM does not have it, or the base URL is not that of the API",
        429 => "SCM asks for fewer calls: set max_requests_per_second",
        502..=504 => "SCM is not available: try again later",
        _ => return None,
    })
}
