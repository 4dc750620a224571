//! What happens to an order: approval, the CA's work, revocation and replacement.

use jiff::{SignedDuration, Timestamp};

use super::World;
use crate::ca::{self, Csr, Purpose, Subject};
use crate::order::{Dates, Event, Issued, Order, Revocation, State, Work};
use crate::settings::Kind;

impl World {
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

    /// Somebody else replaces the certificate with a key of his own, in SCM's portal.
    pub fn replace_outside(&self, order: &mut Order, at: Timestamp) {
        order.course.replace_outside_after = None;
        let issued = ca::foreign_key().and_then(|key| self.sign(order, &key, at));
        match issued {
            Ok(issued) => self.swap(order, issued, at),
            Err(error) => tracing::error!(%error, id = order.id, "cannot replace"),
        }
    }

    pub(super) fn happen(&self, order: &mut Order, event: Event, at: Timestamp) {
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
}

/// The domain with `www.` in front; `None` if it has that already, or cannot have it.
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
