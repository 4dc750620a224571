//! The checks of every order, for SSL and client certificates, first ones and renewals.

use crate::ca::{Csr, CsrProblem};
use crate::http::{Ask, JsonBody, Refusal};
use crate::order::{Applicant, CustomValue, Dates, DcvWish, Order, State, Verdict};
use crate::settings::{CustomField, Dcv, Effects, Kind, Organisation, Profile, Span};
use crate::world::World;

pub const LONGEST_CSR: usize = 32_767;

/// The part of an enrolment that is the same for both kinds, after its checks.
pub struct Request {
    pub org_id: u32,
    pub csr: Csr,
    pub profile: u32,
    pub term: u32,
    pub comments: Option<String>,
    pub custom_fields: Vec<CustomValue>,
    pub course: Effects,
}

/// The part of an enrolment that differs between the kinds.
#[derive(Default)]
pub struct Particulars {
    pub common_name: String,
    pub names: Vec<String>,
    pub external_requester: Option<String>,
    pub applicant: Option<Applicant>,
    pub dcv: Option<DcvWish>,
}

impl Request {
    pub fn read(world: &World, ask: &Ask, members: &JsonBody, kind: Kind) -> Result<Self, Refusal> {
        let csr = members.required_text("csr", LONGEST_CSR)?;
        Self::with_csr(world, ask, members, kind, || parse_csr(&csr))
    }

    /// Like [`Request::read`], with a CSR from elsewhere.
    pub fn with_csr(
        world: &World,
        ask: &Ask,
        members: &JsonBody,
        kind: Kind,
        csr: impl FnOnce() -> Result<Csr, Refusal>,
    ) -> Result<Self, Refusal> {
        let org_id = members
            .positive("orgId")?
            .ok_or_else(|| Refusal::null_member("orgId"))?;
        let asked_profile = members.positive("certType")?;
        let asked_term = members.positive("term")?;
        let comments = members.text("comments", 1024)?;
        let organisation = organisation(world, org_id, kind)?;
        let profile = profile(world, kind, organisation, org_id, asked_profile)?;
        let term = term(profile, asked_term, world.longest_term(kind))?;
        let csr = csr()?;
        check_key(&csr, profile)?;
        let custom_fields = custom_values(world, members, kind, Some(profile.id))?;
        Ok(Self {
            org_id,
            csr,
            profile: profile.id,
            term,
            comments,
            custom_fields,
            course: ask.effects.clone().or(&profile.course),
        })
    }

    /// Places the order and starts it. Fails if domain control is refused at once.
    pub fn place(
        self,
        world: &mut World,
        ask: &Ask,
        kind: Kind,
        particulars: Particulars,
    ) -> Result<Order, Refusal> {
        let course = order_course(self.course);
        if course.dcv == Some(Dcv::Refuse) && kind == Kind::Ssl {
            let domains = particulars.names.join(", ");
            let text = format!("DCV is not completed or expired for the domains: {domains}");
            return Err(Refusal::coded(-1137, text));
        }
        let unproven = match kind {
            Kind::Ssl if course.dcv.is_none() => {
                world.check_control(self.org_id, &particulars.names)?
            }
            _ => false,
        };
        let now = world.now();
        let mut order = Order {
            id: world.next_id(),
            kind,
            renew_id: random_renew_id()?,
            common_name: particulars.common_name,
            names: particulars.names,
            csr: self.csr.der,
            org_id: self.org_id,
            profile: self.profile,
            term: self.term,
            comments: self.comments,
            external_requester: particulars.external_requester,
            custom_fields: self.custom_fields,
            applicant: particulars.applicant,
            requester: ask.caller.login.clone(),
            dcv: particulars.dcv,
            auto_renew: None,
            suspend_notifications: false,
            state: State::Requested,
            work: None,
            replacement: None,
            verdict: None,
            dcv_open: unproven || course.dcv == Some(Dcv::Pending),
            requested: now,
            dates: Dates::default(),
            certificate: None,
            retired: Vec::new(),
            left_behind: None,
            reason_code: None,
            renewed: false,
            imported: false,
            course,
        };
        set_off(world, ask, &mut order);
        world.keep(order.clone());
        Ok(order)
    }
}

/// Starts an order: it waits for a person's approval, or goes to the CA.
pub fn set_off(world: &World, ask: &Ask, order: &mut Order) {
    let now = world.now();
    let course = &order.course;
    let waits = course.approval.unwrap_or_else(|| {
        !ask.caller.auto_approve || course.approve_after.is_some() || course.decline_after.is_some()
    });
    if !waits {
        return world.approve(order, now);
    }
    order.state = State::Requested;
    let verdict = |after: Option<Span>, approves| {
        let at = now.checked_add(after?.signed()).ok()?;
        Some(Verdict { at, approves })
    };
    order.verdict =
        verdict(course.decline_after, false).or_else(|| verdict(course.approve_after, true));
}

pub fn parse_csr(text: &str) -> Result<Csr, Refusal> {
    Csr::parse(text).map_err(|problem| {
        let (code, text) = match problem {
            CsrProblem::NotBase64 => (-9, "The CSR is not valid Base-64 data"),
            CsrProblem::NotDecodable => (-10, "The CSR cannot be decoded"),
            CsrProblem::UnsupportedKey => (-11, "The CSR uses an unsupported algorithm"),
            CsrProblem::WeakKey => (-13, "The CSR uses a key of an unsupported size"),
            CsrProblem::BadSignature => (-138, "Invalid CSR"),
        };
        Refusal::coded(code, text)
    })
}

/// Which of several documented codes SCM uses is an assumption.
pub fn check_key(csr: &Csr, profile: &Profile) -> Result<(), Refusal> {
    let key = &csr.key;
    match profile.key_types.get(key.algorithm) {
        None if key.algorithm == "EC" => {
            let text = "Elliptic curve keys are not allowed for this profile";
            Err(Refusal::coded(-141, text))
        }
        None => {
            let text = format!("The CSR key algorithm {} is not allowed", key.algorithm);
            Err(Refusal::coded(-11, text))
        }
        Some(sizes) if !sizes.contains(&key.size) => {
            let text = format!("The CSR key {} {} is not allowed", key.algorithm, key.size);
            Err(Refusal::coded(-13, text))
        }
        Some(_) => Ok(()),
    }
}

/// Reads and checks `customFields`: names must be known, values valid, and mandatory fields present. Without a
/// profile, as in an update, no field is mandatory.
pub fn custom_values(
    world: &World,
    members: &JsonBody,
    kind: Kind,
    profile: Option<u32>,
) -> Result<Vec<CustomValue>, Refusal> {
    let fields = || {
        world
            .settings
            .custom_fields
            .iter()
            .filter(|f| f.kind == kind)
    };
    let mut values = Vec::new();
    for item in members.objects("customFields")? {
        let name = item.required_text("name", 256)?;
        let value = item
            .text("value", 256)?
            .ok_or_else(|| Refusal::null_member("value"))?;
        let Some(field) = fields().find(|field| field.name == name) else {
            let text = format!("Custom field '{name}' is not found");
            return Err(Refusal::coded(-135, text));
        };
        if !value_fits(field, &value) {
            let text = format!("Custom field '{name}' has an invalid value");
            return Err(Refusal::coded(-160, text));
        }
        if values.iter().any(|known: &CustomValue| known.name == name) {
            let text = format!("Custom field '{name}' is given twice");
            return Err(Refusal::coded(-134, text));
        }
        values.push(CustomValue { name, value });
    }
    let missing = fields()
        .filter(|field| field.mandatory)
        .filter(|field| {
            profile.is_some_and(|id| field.profiles.is_empty() || field.profiles.contains(&id))
        })
        .find(|field| {
            !values
                .iter()
                .any(|value| value.name == field.name && !value.value.trim().is_empty())
        });
    match missing {
        Some(field) => {
            let text = format!("Mandatory custom field '{}' is missing", field.name);
            Err(Refusal::coded(-62, text))
        }
        None => Ok(values),
    }
}

fn value_fits(field: &CustomField, value: &str) -> bool {
    if value.is_empty() {
        return true;
    }
    match field.input.as_str() {
        "NUMBER" => value.parse::<f64>().is_ok(),
        "DATE" => value.len() == 10 && value.parse::<jiff::civil::Date>().is_ok(),
        "EMAIL" => is_email(value),
        "TEXT_OPTION" => field.options.iter().any(|option| option == value),
        "TEXT_SINGLE_LINE" => !value.contains('\n'),
        _ => true,
    }
}

/// A text, one at sign, and a text with a dot; no white space.
pub fn is_email(text: &str) -> bool {
    text.is_ascii()
        && !text.chars().any(char::is_whitespace)
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        })
}

/// A term of the profile that is not longer than allowed on this day. If the caller gives none, the first.
pub fn term(profile: &Profile, asked: Option<u32>, longest: u32) -> Result<u32, Refusal> {
    let terms = profile.terms_within(longest);
    match asked {
        None => Ok(terms.first().copied().unwrap_or(1)),
        Some(term) if terms.contains(&term) => Ok(term),
        Some(term) => {
            let text = format!("The term {term} is invalid for profile {}", profile.name);
            Err(Refusal::coded(-36, text))
        }
    }
}

pub fn organisation(world: &World, id: u32, kind: Kind) -> Result<&Organisation, Refusal> {
    let organisation = world
        .settings
        .organisation(id)
        .ok_or_else(|| Refusal::coded(-639, "Organization id is invalid"))?;
    let enabled = match kind {
        Kind::Ssl => organisation.ssl_api,
        Kind::Client => organisation.client_api,
    };
    if !enabled {
        let code = world.settings.switches.api_off_code;
        let text = "The operation is not available for this organization";
        return Err(Refusal::coded(code, text));
    }
    Ok(organisation)
}

pub fn profile<'a>(
    world: &'a World,
    kind: Kind,
    organisation: &Organisation,
    org_id: u32,
    asked: Option<u32>,
) -> Result<&'a Profile, Refusal> {
    let mut usable = world
        .settings
        .profiles
        .iter()
        .filter(|profile| profile.kind == kind && !profile.deleted)
        .filter(|profile| profile.serves(organisation, org_id))
        .peekable();
    if kind == Kind::Client && usable.peek().is_none() {
        let text = "The organization has no client certificate profile";
        return Err(Refusal::coded(-184, text));
    }
    let found = match asked {
        Some(id) => usable.find(|profile| profile.id == id),
        None => usable.next(),
    };
    found.ok_or_else(|| match kind {
        Kind::Ssl => Refusal::coded(-39, "Certificate profile id is invalid"),
        Kind::Client => Refusal::coded(-172, "Client certificate profile is invalid"),
    })
}

/// The effects that stay with the order.
pub fn order_course(effects: Effects) -> Effects {
    Effects {
        delay: effects.delay,
        polls: effects.polls,
        approval: effects.approval,
        approve_after: effects.approve_after,
        decline_after: effects.decline_after,
        reject: effects.reject,
        dcv: effects.dcv,
        not_ready: effects.not_ready,
        revoke_outside_after: effects.revoke_outside_after,
        replace_outside_after: effects.replace_outside_after,
        show_status: effects.show_status,
        ..Effects::default()
    }
}

/// Twenty characters of the base64url alphabet.
fn random_renew_id() -> Result<String, Refusal> {
    use base64::Engine as _;
    let mut bytes = [0; 15];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Refusal::internal("no randomness"))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
