//! Everything this SCM knows, behind one lock: settings, orders, people, its clock and its CA.
//!
//! Every change goes to the journal under the same lock, so the file's order is the order of events.

mod domains;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ca::{self, Authority, CaSeed, Csr, Purpose, RevocationStatus, Subject};
use super::call_log::CallLog;
use super::domain::{Domain, Domains};
use super::http::Refusal;
use super::order::{Dates, Event, Issued, Order, Revocation, State, Work, folded_serial};
use super::settings::{Kind, Settings};
use super::state_log::{StateLog, StateLogError, Ticket, Unwritable};

/// One line of the state file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    SavedIdentity(Box<SavedIdentity>),
    Order(Box<Order>),
    OrderRemoved {
        id: u32,
    },
    Person(Box<Person>),
    PersonRemoved {
        id: u32,
    },
    Domain(Box<Domain>),
    DomainRemoved {
        id: u32,
    },
    Clock {
        ahead_ms: i64,
    },
    /// Numbers up to this one were given away, also those of what is gone.
    LastId {
        id: u32,
    },
    /// Orders and people are gone; the identity stays.
    Reset,
}

/// What is made up at the first start and must stay the same.
#[derive(Clone, Serialize, Deserialize)]
pub struct SavedIdentity {
    pub foundation: CaSeed,
    pub password: String,
    pub client_secret: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: u32,
    pub first_name: String,
    pub middle_name: Option<String>,
    pub last_name: String,
    pub email: String,
    pub organisation_id: u32,
    pub validation_type: String,
    pub phone: Option<String>,
    pub common_name: Option<String>,
    #[serde(default)]
    pub secondary_emails: Vec<String>,
    pub eppn: Option<String>,
    pub upn: Option<String>,
}

pub struct World {
    pub settings: Settings,
    pub authority: Authority,
    pub identity: SavedIdentity,
    /// `http://…` of this simulator: goes into certificates.
    pub base_url: String,
    /// Calls, counters and tokens: not kept.
    pub ledger: CallLog,
    journal: Option<StateLog>,
    journal_failed: bool,
    orders: BTreeMap<u32, Order>,
    people: BTreeMap<u32, Person>,
    pub(super) domains: Domains,
    by_serial: HashMap<String, u32>,
    timeline: BTreeSet<(Timestamp, u32)>,
    scheduled: HashMap<u32, Timestamp>,
    last_id: u32,
    ahead: SignedDuration,
    /// The clock was moved: where it stands is kept. Otherwise the scenario says how far it is ahead.
    moved: bool,
}

impl World {
    pub fn new(
        settings: Settings,
        authority: Authority,
        identity: SavedIdentity,
        base_url: String,
        journal: Option<StateLog>,
    ) -> Self {
        let ahead = settings.switches.clock_offset.signed();
        Self {
            ledger: CallLog::new(settings.rules.len()),
            settings,
            authority,
            identity,
            base_url,
            journal,
            journal_failed: false,
            orders: BTreeMap::new(),
            people: BTreeMap::new(),
            domains: Domains::new(),
            by_serial: HashMap::new(),
            timeline: BTreeSet::new(),
            scheduled: HashMap::new(),
            last_id: FIRST_ID - 1,
            ahead,
            moved: false,
        }
    }

    /// Takes in a record read from the state file.
    pub fn replay(&mut self, record: Record) {
        match record {
            Record::SavedIdentity(_) => {}
            Record::Order(order) => self.place(*order),
            Record::OrderRemoved { id } => self.forget(id),
            Record::Person(person) => {
                self.last_id = self.last_id.max(person.id);
                self.people.insert(person.id, *person);
            }
            Record::PersonRemoved { id } => {
                self.people.remove(&id);
            }
            Record::Domain(domain) => {
                self.last_id = self.last_id.max(domain.id);
                self.domains.insert(domain.id, *domain);
            }
            Record::DomainRemoved { id } => {
                self.domains.remove(&id);
            }
            Record::Clock { ahead_ms } => {
                self.ahead = SignedDuration::from_millis(ahead_ms);
                self.moved = true;
            }
            Record::LastId { id } => self.last_id = self.last_id.max(id),
            Record::Reset => self.clear(),
        }
    }

    /// Records that bring about this world when they are replayed.
    pub fn snapshot(&self) -> Vec<Record> {
        let mut records = vec![
            Record::SavedIdentity(Box::new(self.identity.clone())),
            Record::LastId { id: self.last_id },
        ];
        if self.moved {
            records.push(self.clock());
        }
        let people = self.people.values().cloned();
        records.extend(people.map(|person| Record::Person(Box::new(person))));
        let domains = self.domains.values().cloned();
        records.extend(domains.map(|domain| Record::Domain(Box::new(domain))));
        let orders = self.orders.values().cloned();
        records.extend(orders.map(|order| Record::Order(Box::new(order))));
        records
    }

    /// Writes the state file anew when most of its lines are out of date.
    pub fn compact(&mut self, lines: usize) -> Result<(), StateLogError> {
        let records = self.snapshot();
        if lines < MANY_LINES.max(2 * records.len()) {
            return Ok(());
        }
        if let Some(journal) = self.journal.take() {
            self.journal = Some(journal.compact(&records)?);
        }
        Ok(())
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::now()
            .saturating_add(self.ahead)
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves this SCM's clock; what falls due happens.
    pub fn advance(&mut self, by: SignedDuration) {
        self.ahead = self.ahead.saturating_add(by);
        self.moved = true;
        self.write(&self.clock());
        self.settle();
    }

    fn clock(&self) -> Record {
        let ahead_ms = i64::try_from(self.ahead.as_millis()).unwrap_or(i64::MAX);
        Record::Clock { ahead_ms }
    }

    /// What an answer waits for before it leaves; none without a state file.
    pub fn ticket(&self) -> Result<Option<Ticket>, Unwritable> {
        if self.journal_failed {
            return Err(Unwritable);
        }
        Ok(self.journal.as_ref().map(StateLog::ticket))
    }

    /// A number for a new order or person.
    pub fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    pub fn order(&self, kind: Kind, id: u32) -> Option<&Order> {
        self.orders.get(&id).filter(|order| order.kind == kind)
    }

    pub fn any_order(&self, id: u32) -> Option<&Order> {
        self.orders.get(&id)
    }

    pub fn order_by_serial(&self, serial: &str) -> Option<&Order> {
        self.by_serial
            .get(&folded_serial(serial))
            .and_then(|id| self.orders.get(id))
    }

    pub fn order_by_renew_id(&self, renew_id: &str) -> Option<&Order> {
        self.orders
            .values()
            .find(|order| order.renew_id == renew_id)
    }

    pub fn orders(&self) -> impl DoubleEndedIterator<Item = &Order> {
        self.orders.values()
    }

    /// Puts a new or changed order down, in memory and in the journal, and lets happen what is due at once.
    pub fn keep(&mut self, order: Order) {
        self.put_down(order);
        self.settle();
    }

    fn put_down(&mut self, mut order: Order) {
        if let Some(mut record) = order.left_behind.take() {
            record.id = self.next_id();
            self.write(&Record::Order(record.clone()));
            self.place(*record);
        }
        self.write(&Record::Order(Box::new(order.clone())));
        self.place(order);
    }

    pub fn remove_order(&mut self, id: u32) {
        self.write(&Record::OrderRemoved { id });
        self.forget(id);
    }

    pub fn person(&self, id: u32) -> Option<&Person> {
        self.people.get(&id)
    }

    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    pub fn person_by_email(&self, email: &str) -> Option<&Person> {
        self.people
            .values()
            .find(|person| person.email.eq_ignore_ascii_case(email))
    }

    pub fn keep_person(&mut self, person: Person) {
        self.write(&Record::Person(Box::new(person.clone())));
        self.people.insert(person.id, person);
    }

    pub fn remove_person(&mut self, id: u32) {
        self.write(&Record::PersonRemoved { id });
        self.people.remove(&id);
    }

    /// Forgets orders, people, calls and counters, and sets the clock right.
    pub fn reset(&mut self) {
        self.write(&Record::Reset);
        self.clear();
        self.enter_domains();
    }

    /// Counts a look at an unfinished order: some finish after so many.
    pub fn count_poll(&mut self, id: u32) {
        let now = self.now();
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        if let Some(work) = order.work.as_mut().filter(|work| work.polls_left > 0) {
            work.polls_left -= 1;
            order.not_before(now);
            let order = order.clone();
            self.schedule(&order);
        }
    }

    /// Lets everything happen that time has brought.
    pub fn settle(&mut self) {
        let now = self.now();
        while let Some(&(at, id)) = self.timeline.first().filter(|(at, _)| *at <= now) {
            self.timeline.remove(&(at, id));
            self.scheduled.remove(&id);
            let Some(mut order) = self.orders.get(&id).cloned() else {
                continue;
            };
            if let Some((at, event)) = order.next_event().filter(|(at, _)| *at <= now) {
                self.happen(&mut order, event, at);
                self.put_down(order);
            } else {
                self.place(order);
            }
        }
    }

    /// What the CA says about a serial number, asked by a relying party.
    pub fn standing(&self, serial: &str) -> RevocationStatus {
        let serial = folded_serial(serial);
        let Some(order) = self.order_by_serial(&serial) else {
            return RevocationStatus::Unknown;
        };
        order
            .certificates()
            .find(|issued| folded_serial(&issued.serial) == serial)
            .map_or(RevocationStatus::Unknown, |issued| match issued.revoked {
                Some(revocation) => RevocationStatus::Revoked(revocation),
                None => RevocationStatus::Good,
            })
    }

    /// Serial and revocation of every revoked certificate.
    pub fn revocations(&self) -> impl Iterator<Item = (String, Revocation)> {
        self.orders
            .values()
            .flat_map(Order::certificates)
            .filter_map(|issued| Some((issued.serial.clone(), issued.revoked?)))
    }

    /// Starts the CA's work on an order: the first issue, or a replacement.
    pub fn start_work(&self, order: &mut Order) {
        let now = self.now();
        let delay = order.course.delay.unwrap_or_default();
        order.work = Some(Work {
            due: now.checked_add(delay.signed()).unwrap_or(now),
            polls_left: order.course.polls.unwrap_or(0),
        });
    }

    pub fn approve(&self, order: &mut Order, at: Timestamp) {
        order.state = State::Applied;
        order.dates.approved = Some(at);
        self.start_work(order);
    }

    pub fn decline(order: &mut Order, at: Timestamp) {
        order.state = State::Declined;
        order.dates.declined = Some(at);
        order.work = None;
    }

    /// Revokes the order's certificate at the CA.
    pub fn revoke(order: &mut Order, at: Timestamp, reason_code: u8) {
        order.state = State::Revoked;
        order.dates.revoked = Some(at);
        order.reason_code = Some(reason_code);
        order.work = None;
        order.replacement = None;
        if let Some(issued) = order.certificate.as_mut() {
            issued.revoked = Some(Revocation { at, reason_code });
        }
    }

    /// Someone replaces the certificate with a key of his own, outside of our sight.
    pub fn replace_outside(&self, order: &mut Order, at: Timestamp) {
        order.course.replace_outside_after = None;
        let issued = ca::foreign_key().and_then(|key| self.sign(order, &key, at));
        match issued {
            Ok(issued) => self.swap(order, issued, at),
            Err(error) => tracing::error!(%error, id = order.id, "cannot replace"),
        }
    }

    fn happen(&self, order: &mut Order, event: Event, at: Timestamp) {
        match event {
            Event::Verdict { approves: true } => self.approve(order, at),
            Event::Verdict { approves: false } => Self::decline(order, at),
            Event::RevokedOutside => {
                order.course.revoke_outside_after = None;
                Self::revoke(order, at, 4);
            }
            Event::ReplacedOutside => self.replace_outside(order, at),
            Event::WorkDone if order.course.reject == Some(true) => {
                order.work = None;
                order.replacement = None;
                if order.state == State::Applied {
                    order.state = State::Rejected;
                }
            }
            Event::WorkDone => self.finish_work(order, at),
        }
    }

    fn finish_work(&self, order: &mut Order, at: Timestamp) {
        order.work = None;
        if let Some(replacement) = order.replacement.take() {
            order.csr = replacement.csr;
            order.common_name = replacement.common_name;
            order.names = replacement.names;
        }
        let issued = Csr::from_der(order.csr.clone())
            .map_err(|problem| format!("{problem:?}"))
            .and_then(|csr| {
                self.sign(order, &csr.public_key, at)
                    .map_err(|error| error.to_string())
            });
        match issued {
            Ok(issued) if order.certificate.is_some() => self.swap(order, issued, at),
            Ok(issued) => {
                order.state = State::Issued;
                order.dates.issued = Some(at);
                order.certificate = Some(issued);
            }
            Err(reason) => {
                tracing::warn!(reason, id = order.id, "the CA cannot issue");
                order.state = State::Rejected;
            }
        }
    }

    fn swap(&self, order: &mut Order, issued: Issued, at: Timestamp) {
        if let Some(mut old) = order.certificate.replace(issued) {
            let switches = &self.settings.switches;
            if switches.replace_revokes_old {
                old.revoked = Some(Revocation { at, reason_code: 4 });
            }
            if switches.replace_leaves_record && order.kind == Kind::Ssl {
                order.left_behind = Some(Box::new(order.record_of_replaced(old, at)));
            } else {
                order.retired.push(old);
            }
        }
        order.state = State::Issued;
        order.dates = Dates {
            issued: Some(at),
            replaced: Some(at),
            ..order.dates
        };
    }

    fn sign(
        &self,
        order: &Order,
        public_key: &[u8],
        at: Timestamp,
    ) -> Result<Issued, rcgen::Error> {
        let profile = self.settings.profile(order.kind, order.profile);
        let lifetime = profile
            .and_then(|profile| profile.lifetime)
            .map_or_else(|| days(order.term), |lifetime| lifetime.signed());
        let organisation = self.settings.organisation(order.org_id);
        let mut names = order.names.clone();
        if order.kind == Kind::Ssl && self.settings.switches.adds_www {
            names.extend(www_of(&order.common_name).filter(|www| !order.names.contains(www)));
        }
        if self.settings.switches.takes_csr_names
            && let Ok(csr) = Csr::from_der(order.csr.clone())
        {
            let fitting = |name: &String| name.contains('@') == (order.kind == Kind::Client);
            let more = csr.names.into_iter().filter(fitting);
            names.extend(more.filter(|name| !order.names.contains(name)));
        }
        let omits_common_name = order.kind == Kind::Ssl && self.settings.switches.omits_common_name;
        if order.kind == Kind::Ssl && self.settings.switches.drops_alt_names {
            names.retain(|name| *name == order.common_name);
        }
        if omits_common_name {
            names.sort();
        }
        if order.kind == Kind::Client && self.settings.switches.reverse_email_names {
            names.reverse();
        }
        let subject = Subject {
            common_name: (!omits_common_name).then_some(order.common_name.as_str()),
            organisation: organisation
                .filter(|_| !omits_common_name)
                .map(|organisation| organisation.name.as_str()),
            names: &names,
            purpose: match order.kind {
                Kind::Ssl => Purpose::Server,
                Kind::Client => Purpose::Mail,
            },
        };
        self.authority
            .issue(&subject, public_key, at, lifetime, &self.base_url)
    }

    fn place(&mut self, order: Order) {
        self.last_id = self.last_id.max(order.id);
        for issued in order.certificates() {
            self.by_serial
                .insert(folded_serial(&issued.serial), order.id);
        }
        self.schedule(&order);
        self.orders.insert(order.id, order);
    }

    fn schedule(&mut self, order: &Order) {
        self.unschedule(order.id);
        if let Some((at, _)) = order.next_event() {
            self.timeline.insert((at, order.id));
            self.scheduled.insert(order.id, at);
        }
    }

    fn unschedule(&mut self, id: u32) {
        if let Some(at) = self.scheduled.remove(&id) {
            self.timeline.remove(&(at, id));
        }
    }

    fn forget(&mut self, id: u32) {
        self.unschedule(id);
        if let Some(order) = self.orders.remove(&id) {
            for issued in order.certificates() {
                self.by_serial.remove(&folded_serial(&issued.serial));
            }
        }
    }

    fn clear(&mut self) {
        self.orders.clear();
        self.people.clear();
        self.domains.clear();
        self.by_serial.clear();
        self.timeline.clear();
        self.scheduled.clear();
        self.ahead = self.settings.switches.clock_offset.signed();
        self.moved = false;
        self.ledger = CallLog::new(self.settings.rules.len());
    }

    pub(super) fn write(&mut self, record: &Record) {
        if let Some(journal) = &mut self.journal
            && journal.append(record).is_err()
        {
            self.journal_failed = true;
        }
    }
}

impl From<Unwritable> for Refusal {
    fn from(error: Unwritable) -> Self {
        Self::internal(error.to_string())
    }
}

/// A state file with fewer lines is left as it is.
const MANY_LINES: usize = 100;

/// Low enough to read, high enough not to look like an index.
const FIRST_ID: u32 = 1001;

/// `www.` in front of a domain that has it not.
fn www_of(name: &str) -> Option<String> {
    let has_none = name.contains('.')
        && !name.starts_with("*.")
        && !name.starts_with("www.")
        && name.parse::<std::net::IpAddr>().is_err();
    has_none.then(|| format!("www.{name}"))
}

fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(count))
}
