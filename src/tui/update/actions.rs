//! The actions on the selected or marked rows, why an action is unavailable, and the dialogs that ask for confirmation.

use std::collections::HashMap;
use std::sync::Arc;

use super::Effect;
use crate::tui::model::{Ask, Dialog, EnrollForm, Facts, Model, OrderRow, Page, Target};
use crate::tui::source::{CertKey, Verb};
use crate::tui::text;
use crate::tui::theme::Tone;
use svpki_types::{OrderState, Status};

/// The actions of the current page, in the order in which they are shown.
pub fn offered(model: &Model) -> &'static [Verb] {
    match (&model.detail, model.page) {
        (Some(_), _) | (None, Page::Certificates) => {
            &[Verb::Renew, Verb::Revoke, Verb::Replace, Verb::Fetch]
        }
        (None, Page::Orders) => &[Verb::Poll, Verb::Cancel],
        _ => &[],
    }
}

/// Why an action is unavailable for the selected row now; `None` if it is available.
pub fn unavailable(model: &Model, verb: Verb) -> Option<String> {
    if let Some(why) = unavailable_here(model) {
        return Some(why);
    }
    // An order for a new certificate needs no selected row.
    if verb == Verb::Enroll {
        return None;
    }
    if model.filter.error.is_some() && model.page == Page::Certificates {
        return Some("the filter has a mistake".to_owned());
    }
    if !offered(model).contains(&verb) {
        return Some(match verb {
            Verb::Cancel => "only orders can be cancelled: press 3 for Orders".to_owned(),
            Verb::Poll => "only orders can be checked: press 3 for Orders".to_owned(),
            _ if model.page == Page::Today => "press Enter to open the line first".to_owned(),
            _ => "that is for certificates: press 2 for Certificates".to_owned(),
        });
    }
    let Some((key, status)) = under_bar(model) else {
        return Some("nothing is selected".to_owned());
    };
    if model.marked_here() {
        return None;
    }
    denied(model, verb, &key).or_else(|| match status {
        Subject::Certificate(status) => unfit(verb, status).map(str::to_owned),
        Subject::Order { open } => unfit_order(open).map(str::to_owned),
    })
}

/// Why no action at all is available now.
pub(super) fn unavailable_here(model: &Model) -> Option<String> {
    if model.settings.read_only {
        return Some("read-only mode (--read-only)".to_owned());
    }
    if !model.connection.is_up() {
        return Some("the server does not answer now".to_owned());
    }
    let running = model.job.as_ref().is_some_and(|job| !job.is_over());
    running.then(|| "wait until the running requests are done".to_owned())
}

enum Subject {
    Certificate(Option<Status>),
    Order { open: bool },
}

fn under_bar(model: &Model) -> Option<(CertKey, Subject)> {
    if let Some(detail) = &model.detail {
        return Some((detail.key.clone(), Subject::Certificate(detail.row.status)));
    }
    match model.page {
        Page::Certificates => {
            let (row, mount) = model.store.row(model.table.index)?;
            Some((row.key(mount), Subject::Certificate(row.status)))
        }
        Page::Orders => model.orders.selected().map(|row| {
            (
                row.key.clone(),
                Subject::Order {
                    open: row.is_open(),
                },
            )
        }),
        Page::Today | Page::Health | Page::Forecast | Page::Help => None,
    }
}

fn denied(model: &Model, verb: Verb, key: &CertKey) -> Option<String> {
    let CertKey { mount, config, .. } = key;
    let known = (verb, Arc::clone(mount), Arc::clone(config));
    (model.allowed.get(&known) == Some(&Some(false))).then(|| {
        let folder = match verb {
            Verb::Cancel | Verb::Poll => "orders",
            _ => verb.word(),
        };
        format!(
            "the token's policies lack {:?} on {mount}/{folder}/{config}/*",
            verb.capability()
        )
    })
}

fn unfit(verb: Verb, status: Option<Status>) -> Option<&'static str> {
    use Status as S;
    match (verb, status?) {
        (Verb::Fetch | Verb::Enroll, _) => None,
        (_, S::Issued | S::Expiring)
        | (Verb::Renew, S::Expired)
        | (Verb::Revoke, S::Superseded) => None,
        (_, S::Pending) => Some("it is not issued yet"),
        (_, S::Expired) => Some("it has expired"),
        (_, S::Revoked) => Some("it is revoked already"),
        (_, S::Replaced) => Some("it was replaced"),
        (_, S::Superseded) => Some("it was renewed already"),
        (_, S::Declined | S::Rejected | S::Failed) => Some("it was never issued"),
    }
}

fn unfit_order(open: bool) -> Option<&'static str> {
    (!open).then_some("the order has ended")
}

/// Opens the form for a new certificate, with the given config or else that of the selected row.
pub(super) fn open_enroll(model: &mut Model, config: Option<(Arc<str>, String)>) {
    if let Some(reason) = unavailable(model, Verb::Enroll) {
        model.say(Tone::Warning, format!("cannot enroll: {reason}"));
        return;
    }
    let places = model.places();
    let wanted = config.or_else(|| {
        let (key, _) = under_bar(model)?;
        Some((key.mount, key.config.to_string()))
    });
    let place = wanted.and_then(|wanted| places.iter().position(|place| *place == wanted));
    if places.is_empty() {
        model.say(Tone::Warning, "cannot enroll: no config is known yet");
        return;
    }
    model.dialog = Some(Dialog::Enroll(EnrollForm::new(places, place)));
}

/// Opens the dialog that asks for confirmation of an action.
pub(super) fn ask_about(model: &mut Model, mut ask: Ask) {
    if ask.verb.orders() {
        for target in &mut ask.targets {
            target.once = Some(model.idempotency_key(ask.verb, &target.key));
        }
    }
    find_namesakes(model, &mut ask);
    model.dialog = Some(ask.dialog());
}

/// Opens the dialog of an action, or says why the action is unavailable.
pub(super) fn open(model: &mut Model, verb: Verb) {
    if let Some(reason) = unavailable(model, verb) {
        model.say(Tone::Warning, format!("cannot {}: {reason}", verb.word()));
        return;
    }
    let ask = if model.marked_here() {
        ask_marked(model, verb)
    } else {
        ask_one(model, verb)
    };
    let Some(ask) = ask else { return };
    if ask.targets.is_empty() {
        let reason = ask
            .left_out
            .first()
            .map(|(_, why)| why.clone())
            .unwrap_or_default();
        let count = text::plural(ask.left_out.len(), "mark");
        model.say(
            Tone::Warning,
            format!(
                "cannot {}: none of {count} qualifies: {reason}",
                verb.word()
            ),
        );
        return;
    }
    ask_about(model, ask);
}

/// Records which certificates and open orders have the name of the only target.
pub(super) fn find_namesakes(model: &Model, ask: &mut Ask) {
    if let [one] = &ask.targets[..] {
        let found = namesakes(model, ask.verb, &one.key, &one.name);
        (ask.namesakes, ask.open_orders) = found;
    }
}

/// Other certificates and open orders with this name. For an action on an order: other orders with its name.
fn namesakes(
    model: &Model,
    verb: Verb,
    key: &CertKey,
    name: &str,
) -> (Vec<(CertKey, Facts)>, Vec<String>) {
    let now = model.now();
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    let orders = model.orders.all().filter(|row| same(row.name()));
    if matches!(verb, Verb::Cancel | Verb::Poll) {
        let others = orders.filter(|row| row.key != *key);
        let facts = |row: &OrderRow| Facts {
            status: row.order.state.map(OrderState::status),
            ..Facts::default()
        };
        return (
            others.map(|row| (row.key.clone(), facts(row))).collect(),
            Vec::new(),
        );
    }
    let others = model
        .store
        .all()
        .filter(|(row, _)| same(row.name()))
        .map(|(row, mount)| (row.key(mount), Facts::of(row, now)))
        .filter(|(other, _)| other != key)
        .collect();
    let open = orders
        .filter(|row| row.is_open())
        .map(|row| format!("{} ({}): {}", row.key.id, row.action(), row.waits_for()))
        .collect();
    (others, open)
}

fn ask_one(model: &Model, verb: Verb) -> Option<Ask> {
    let (key, _) = under_bar(model)?;
    let target = match (&model.detail, model.page) {
        (Some(detail), _) => Target::new(key, detail.row.name()).of(&detail.row, model.now()),
        (None, Page::Orders) => order_target(model, &key)?,
        (None, _) => {
            let (row, _) = model.store.row(model.table.index)?;
            Target::new(key, row.name()).of(row, model.now())
        }
    };
    Some(Ask::new(verb, vec![target]))
}

fn order_target(model: &Model, key: &CertKey) -> Option<Target> {
    let row = model.orders.all().find(|row| row.key == *key)?;
    Some(Target::new(key.clone(), row.name()))
}

fn ask_marked(model: &Model, verb: Verb) -> Option<Ask> {
    let mut ask = Ask::new(verb, Vec::new());
    let mut sort =
        |name: &Arc<str>, target: Option<Target>, why: Option<String>| match (target, why) {
            (Some(target), None) => ask.targets.push(target),
            (_, why) => ask.left_out.push((
                name.to_string(),
                why.unwrap_or_else(|| "it is gone".to_owned()),
            )),
        };
    if model.page == Page::Orders {
        for (key, name) in &model.orders.marks {
            let row = model.orders.all().find(|row| row.key == *key)?;
            let why =
                denied(model, verb, key).or_else(|| unfit_order(row.is_open()).map(str::to_owned));
            sort(name, order_target(model, key), why);
        }
        return Some(ask);
    }
    let (now, filter) = (model.now(), model.store.filter());
    let mut known = HashMap::new();
    for (row, mount) in model.store.all() {
        let key = row.key(mount);
        if model.marks.contains_key(&key) {
            let shown = filter.matches(&row.subject(mount, now), now);
            let target = Target::new(key.clone(), row.name()).of(row, now);
            known.insert(key, (target, shown));
        }
    }
    let mut hidden = 0;
    for (key, name) in &model.marks {
        // A marked certificate that is not loaded is acted on all the same, because the server knows its state.
        let (loaded, shown) = known.remove(key).unzip();
        hidden += usize::from(shown != Some(true));
        let mut target: Target = loaded.unwrap_or_else(|| Target::new(key.clone(), name));
        target.name = Arc::clone(name);
        let status = target.facts.as_ref().and_then(|facts| facts.status);
        let why = denied(model, verb, key).or_else(|| unfit(verb, status).map(str::to_owned));
        sort(name, Some(target), why);
    }
    ask.hidden = hidden;
    Some(ask)
}

/// Asks what the token may do, once for each mount and config of a row that is selected.
pub(super) fn ask_allowed(model: &mut Model) -> Vec<Effect> {
    if !model.connection.is_up() {
        return Vec::new();
    }
    let Some((key, _)) = under_bar(model) else {
        return Vec::new();
    };
    let CertKey { mount, config, .. } = &key;
    if model
        .allowed
        .contains_key(&(Verb::Renew, Arc::clone(mount), Arc::clone(config)))
    {
        return Vec::new();
    }
    let verbs = [
        Verb::Renew,
        Verb::Revoke,
        Verb::Replace,
        Verb::Fetch,
        Verb::Poll,
        Verb::Cancel,
    ];
    let target = Target::new(key.clone(), &key.id);
    let mut paths = Vec::new();
    for verb in verbs {
        model
            .allowed
            .insert((verb, Arc::clone(mount), Arc::clone(config)), None);
        paths.push((verb, target.request(verb, &[]).path));
    }
    vec![Effect::Allowed {
        config: (Arc::clone(mount), Arc::clone(config)),
        paths,
    }]
}
