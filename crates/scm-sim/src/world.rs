//! Everything that this SCM knows, behind one lock: settings, orders, people, its clock and its CA.
//!
//! Every change is written to the journal under the same lock, so the lines of the state file are in the order of
//! events.

mod domains;
mod issuing;
mod record;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ca::{Authority, RevocationStatus};
use super::call_log::CallLog;
use super::domain::Domains;
use super::http::Refusal;
use super::order::{Order, Revocation, folded_serial};
use super::settings::{Kind, Settings};
use super::state_log::{StateLog, StateLogError, Ticket, Unwritable};
use jiff::{SignedDuration, Timestamp};

pub use record::{Person, Record, SavedIdentity};

pub struct World {
    pub settings: Settings,
    pub authority: Authority,
    pub identity: SavedIdentity,
    /// The `http://…` address of this simulator, which is written into certificates.
    pub base_url: String,
    /// Calls, counters and tokens; not in the state file.
    pub call_log: CallLog,
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
    /// The clock was moved, so its offset is stored. Otherwise the scenario sets the offset.
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
            call_log: CallLog::new(settings.rules.len()),
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

    /// Applies a record of the state file.
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

    /// The records from which this world can be restored.
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

    /// Rewrites the state file if most of its lines are out of date.
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

    /// Moves this SCM's clock. Events that become due happen at once.
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

    /// The ticket for which an answer must wait; `None` without a state file.
    pub fn ticket(&self) -> Result<Option<Ticket>, Unwritable> {
        if self.journal_failed {
            return Err(Unwritable);
        }
        Ok(self.journal.as_ref().map(StateLog::ticket))
    }

    /// The id for a new order or person.
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

    /// Stores a new or changed order in memory and in the journal. Events that are due happen at once.
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

    /// Deletes orders, people, calls and counters, and resets the clock.
    pub fn reset(&mut self) {
        self.write(&Record::Reset);
        self.clear();
        self.enter_domains();
    }

    /// Counts a call that reads an unfinished order: some orders finish after a number of calls.
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

    /// Lets all events happen that are due by now.
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

    /// The CA's answer about a serial number for a relying party.
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

    /// The serial number and the revocation of every revoked certificate.
    pub fn revocations(&self) -> impl Iterator<Item = (String, Revocation)> {
        self.orders
            .values()
            .flat_map(Order::certificates)
            .filter_map(|issued| Some((issued.serial.clone(), issued.revoked?)))
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
        self.call_log = CallLog::new(self.settings.rules.len());
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

/// A state file with fewer lines is not rewritten.
const MANY_LINES: usize = 100;

/// Short enough to read, and large enough not to look like an index.
const FIRST_ID: u32 = 1001;
