//! One switch for each point where the documents are silent or contradict each other.
//!
//! `docs/scm-sim.md` explains each to those who write scenarios; a test compares the two.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::Span;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Switches {
    /// How collect says "not ready", unless a rule says otherwise.
    pub not_ready: NotReady,
    /// What collect says of a request that was declined or rejected.
    pub never_ready: NotReady,
    /// Order of the chain in `pem`: field reports disagree.
    pub pem_order: PemOrder,
    /// The same in `pemia`, of which only the name is known.
    pub pemia_order: PemOrder,
    /// Whether chains end in the self-signed root.
    pub include_root: bool,
    /// Deliver the root's certificate by an older root as well, and that older root.
    pub cross_signed: bool,
    /// Refuse a revocation without `reasonCode`, as connectors met it in 2025.
    pub strict_reason_code: bool,
    /// Answer `reasonCode` as text instead of a number.
    pub reason_code_as_text: bool,
    /// Tenant policy: enroll needs `externalRequester` (-139).
    pub require_external_requester: bool,
    /// Refuse a renewal that brings no CSR, as one base is said to.
    pub renew_needs_csr: bool,
    /// Refuse a renewal that brings no body at all (-1002).
    pub renew_needs_body: bool,
    /// Whether collect answers the old certificate while a replacement is under way, or "not ready".
    pub old_certificate_while_replacing: bool,
    /// Whether the old certificate is revoked once its replacement is issued.
    pub replace_revokes_old: bool,
    /// Whether the replaced SSL certificate stays in the list, as `Replaced` and with an id of its own.
    pub replace_leaves_record: bool,
    /// An administrator may not approve what he requested himself (-1140).
    pub forbid_own_approval: bool,
    /// The customer has no pre-validated domains: enroll needs `dcvMode`.
    pub require_dcv_mode: bool,
    /// The CA adds `www.` to a common name that has it not, as it was seen to do.
    pub adds_www: bool,
    /// Names inside a CSR get into the certificate, beside those of the request.
    pub takes_csr_names: bool,
    /// Alternative names are left out of SSL certificates.
    pub drops_alt_names: bool,
    /// SSL certificates have an empty subject, and their names sorted.
    pub omits_common_name: bool,
    /// Whether enroll answers `renewId`.
    pub tells_renew_id: bool,
    /// How details, list and report show a text or date that is not there.
    pub absent: Absent,
    /// How answers spell serial numbers.
    pub serials: SerialStyle,
    /// Details dates when the caller names no `dateFormat`.
    pub dates: DateStyle,
    /// Leave `code` out of error bodies: only `description` is promised.
    pub omit_error_code: bool,
    /// `GET ssl/{id}/dcv` as an array, as one document types it.
    pub dcv_as_array: bool,
    /// Whether list filters match a part or the whole.
    pub filters: FilterMatch,
    /// Page length when `size` is absent.
    pub default_page_size: usize,
    /// Lifetime of an OAuth token.
    pub token_lifetime: Span,
    /// Whether the token's answer has `expires_in`.
    pub token_tells_lifetime: bool,
    /// Which versions of the client certificate calls there are.
    pub client_versions: ClientVersions,
    /// Code for an organisation without "Enable Web/REST API".
    pub api_off_code: i64,
    /// How far this SCM's clock is ahead of the machine's.
    pub clock_offset: Span,
    /// E-mail names in a client certificate in the reverse of the requested order.
    pub reverse_email_names: bool,
    /// HTTP status for codes whose status nobody documented.
    pub refusal_status: u16,
    /// SSL requests need a delegated domain (-1010) whose validation holds.
    pub require_validated_domains: bool,
    /// What becomes of a request for a domain whose validation has run out.
    pub dcv_missing: DcvMissing,
    /// The code of its refusal: -1137, -737 or -107.
    pub dcv_code: i64,
    /// How long a validation is good for.
    pub dcv_lifetime: Span,
    /// Pause between two looks of the CA for a record or file.
    pub dcv_check_every: Span,
    /// Whether `sync` makes the CA look, or only reads.
    pub sync_looks: bool,
    /// Address of the DNS server (UDP) where the CA looks for records; none: it finds nothing.
    pub dcv_resolver: Option<SocketAddr>,
    /// Address of the web server (without TLS) where it looks for files, whatever the domain.
    pub dcv_http: Option<SocketAddr>,
    /// Spelling of validation states.
    pub dcv_words: DcvWords,
    /// Whether the customer has domain validation (-1608).
    pub dcv_enabled: bool,
    /// Whether `start` for TXT is answered with a message, or refused.
    pub txt_start_answers: bool,
    /// Whether `clear` ends a validation that holds.
    pub clear_ends_validation: bool,
    /// Whether `start` keeps its record until it has done its work, or makes up another each time.
    pub dcv_value_stays: bool,
    /// Whether domains below an entered one may be validated (-723 otherwise).
    pub dcv_of_subdomains: bool,
    /// Whether `expiresIn` also lists what has expired.
    pub expires_in_lists_expired: bool,
    /// A TXT record at `_validation-persist.` that names sectigo.com validates again and again (SC-088).
    pub persistent_txt: bool,
    /// Terms and validations as short as CA/Browser Forum ballot SC-081 wants them on the day of this SCM's clock.
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

/// The encodings of "not ready" that clients have met.
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
    /// 400, code -103; documented, never met.
    #[serde(rename = "code-103")]
    Code103,
    /// 400, code -109; documented, never met.
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
    /// The order waits, and goes on when the domain is validated.
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
    /// Upper-case pairs.
    Colons,
    /// Upper-case digits without leading zeros.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientVersions {
    /// Every call under `v1` and `v2`.
    Both,
    /// With a password or certificate each call in its documented version, with OAuth only `v2`.
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
