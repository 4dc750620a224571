//! A switch for each point where SCM's documents are silent or contradict each other.
//!
//! `docs/scm-sim.md` explains the switches to authors of scenarios; a test checks that it lists all of them.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::Span;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Switches {
    /// How collect answers "not ready", unless a rule says otherwise.
    pub not_ready: NotReady,
    /// How collect answers for an order that was declined or rejected.
    pub never_ready: NotReady,
    /// The order of the chain in `pem`, on which field reports disagree.
    pub pem_order: PemOrder,
    /// The order of the chain in `pemia`, of which only the name is documented.
    pub pemia_order: PemOrder,
    /// Whether chains end in the self-signed root.
    pub include_root: bool,
    /// Also deliver the older root and its certificate for the root.
    pub cross_signed: bool,
    /// Refuse a revocation without `reasonCode`, as connectors experienced in 2025.
    pub strict_reason_code: bool,
    /// Answer `reasonCode` as text instead of a number.
    pub reason_code_as_text: bool,
    /// The customer's policy requires `externalRequester` in enroll (-139).
    pub require_external_requester: bool,
    /// Refuse a renewal without a CSR, as one SCM address is said to do.
    pub renew_needs_csr: bool,
    /// Refuse a renewal without a body (-1002).
    pub renew_needs_body: bool,
    /// Whether collect answers the old certificate during a replacement, or "not ready".
    pub old_certificate_while_replacing: bool,
    /// Whether the old certificate is revoked once its replacement is issued.
    pub replace_revokes_old: bool,
    /// Whether the replaced SSL certificate stays in the list, as `Replaced` and with its own id.
    pub replace_leaves_record: bool,
    /// Administrators may not approve their own requests (-1140).
    pub forbid_own_approval: bool,
    /// The customer has no pre-validated domains: enroll needs `dcvMode`.
    pub require_dcv_mode: bool,
    /// The CA adds `www.` to a common name without it, as was observed.
    pub adds_www: bool,
    /// The CA takes names from the CSR in addition to those of the request.
    pub takes_csr_names: bool,
    /// The CA leaves alternative names out of SSL certificates.
    pub drops_alt_names: bool,
    /// SSL certificates have an empty subject and sorted names.
    pub omits_common_name: bool,
    /// Whether enroll answers `renewId`.
    pub tells_renew_id: bool,
    /// How details, list and report show a missing text or date.
    pub absent: Absent,
    /// How answers spell serial numbers.
    pub serials: SerialStyle,
    /// The date format of details if the caller gives no `dateFormat`.
    pub dates: DateStyle,
    /// Leave `code` out of error bodies, because only `description` is promised.
    pub omit_error_code: bool,
    /// `GET ssl/{id}/dcv` answers an array, as one document says.
    pub dcv_as_array: bool,
    /// Whether filters of lists match a part of a value or the whole value.
    pub filters: FilterMatch,
    /// The page length without `size`.
    pub default_page_size: usize,
    /// Lifetime of an OAuth token.
    pub token_lifetime: Span,
    /// Whether the token answer has `expires_in`.
    pub token_tells_lifetime: bool,
    /// In which versions the client certificate calls exist.
    pub client_versions: ClientVersions,
    /// The code for an organisation without "Enable Web/REST API".
    pub api_off_code: i64,
    /// How far this SCM's clock is ahead of the machine's.
    pub clock_offset: Span,
    /// The e-mail addresses in a client certificate have the reverse of the requested order.
    pub reverse_email_names: bool,
    /// The HTTP status of errors whose status is not documented.
    pub refusal_status: u16,
    /// SSL orders need a delegated domain (-1010) with a present validation.
    pub require_validated_domains: bool,
    /// What happens to an order for a domain whose validation has expired.
    pub dcv_missing: DcvMissing,
    /// The code with which such an order is refused: -1137, -737 or -107.
    pub dcv_code: i64,
    /// How long a validation is valid.
    pub dcv_lifetime: Span,
    /// The pause between two checks of a record or file by the CA.
    pub dcv_check_every: Span,
    /// Whether `sync` makes the CA check, or only reads.
    pub sync_looks: bool,
    /// The address of the DNS server (UDP) that the CA asks for records; if absent, it finds none.
    pub dcv_resolver: Option<SocketAddr>,
    /// The address of the web server (without TLS) from which the CA reads files, for all domains.
    pub dcv_http: Option<SocketAddr>,
    /// The spelling of validation states.
    pub dcv_words: DcvWords,
    /// Whether domain validation is available for the customer (-1608 otherwise).
    pub dcv_enabled: bool,
    /// Whether `start` for TXT is answered with a message or refused.
    pub txt_start_answers: bool,
    /// Whether `clear` ends a present validation.
    pub clear_ends_validation: bool,
    /// Whether `start` answers the same record until the validation has succeeded, or a new one each time.
    pub dcv_value_stays: bool,
    /// Whether subdomains of a domain may be validated (-723 otherwise).
    pub dcv_of_subdomains: bool,
    /// Whether `expiresIn` also lists expired validations.
    pub expires_in_lists_expired: bool,
    /// A TXT record at `_validation-persist.` that names sectigo.com validates the domain repeatedly (SC-088).
    pub persistent_txt: bool,
    /// Terms and validations are as short as CA/Browser Forum ballot SC-081 requires on the day of this SCM's clock.
    pub coming_limits: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            not_ready: NotReady::Code0,
            never_ready: NotReady::Code183,
            pem_order: PemOrder::RootFirst,
            pemia_order: PemOrder::LeafFirst,
            include_root: true,
            cross_signed: false,
            strict_reason_code: false,
            reason_code_as_text: false,
            require_external_requester: false,
            renew_needs_csr: false,
            renew_needs_body: false,
            old_certificate_while_replacing: true,
            replace_revokes_old: false,
            replace_leaves_record: false,
            forbid_own_approval: false,
            require_dcv_mode: false,
            adds_www: false,
            takes_csr_names: false,
            drops_alt_names: false,
            omits_common_name: false,
            tells_renew_id: true,
            absent: Absent::Omitted,
            serials: SerialStyle::Colons,
            dates: DateStyle::Us,
            omit_error_code: false,
            dcv_as_array: false,
            filters: FilterMatch::Substring,
            default_page_size: 200,
            token_lifetime: Span::from_secs(300),
            token_tells_lifetime: true,
            client_versions: ClientVersions::Both,
            api_off_code: -1021,
            clock_offset: Span::ZERO,
            reverse_email_names: false,
            refusal_status: 400,
            require_validated_domains: false,
            dcv_missing: DcvMissing::Refuse,
            dcv_code: -1137,
            dcv_lifetime: Span::from_secs(198 * 86_400),
            dcv_check_every: Span::from_secs(7_200),
            sync_looks: true,
            dcv_resolver: None,
            dcv_http: None,
            dcv_words: DcvWords::ByLogin,
            dcv_enabled: true,
            txt_start_answers: false,
            clear_ends_validation: true,
            dcv_value_stays: true,
            dcv_of_subdomains: true,
            expires_in_lists_expired: true,
            persistent_txt: false,
            coming_limits: false,
        }
    }
}

/// The forms of "not ready" that clients have seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotReady {
    /// 400, code 0, "Being processed by Sectigo".
    #[serde(rename = "code0")]
    Code0,
    /// 400, code -183, "Certificate is not collectable."
    #[serde(rename = "code-183")]
    Code183,
    /// 400, code -1400.
    #[serde(rename = "code-1400")]
    Code1400,
    /// 400, code -103; documented, never seen.
    #[serde(rename = "code-103")]
    Code103,
    /// 400, code -109; documented, never seen.
    #[serde(rename = "code-109")]
    Code109,
    /// 200 without a body.
    #[serde(rename = "empty")]
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DcvMissing {
    Refuse,
    /// The order waits, and continues when the domain is validated.
    Pending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DcvWords {
    /// `NOT_VALIDATED` for a password or certificate, `Not validated` for OAuth.
    ByLogin,
    Upper,
    Spaced,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PemOrder {
    RootFirst,
    LeafFirst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterMatch {
    Substring,
    Exact,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    #[default]
    Omitted,
    Null,
    /// The empty text.
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SerialStyle {
    /// Pairs of upper-case digits with colons.
    Colons,
    /// Upper-case digits without leading zeros.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientVersions {
    /// Every call exists under `v1` and `v2`.
    Both,
    /// With a password or certificate, each call in its documented version; with OAuth2, only `v2`.
    ByLogin,
}

/// Date formats of the documented `dateFormat` parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    Us,
    UsHms,
    Iso,
    IsoHms,
    Eu,
    EuHms,
    Uk,
    UkHms,
    Jp,
    JpHms,
}
