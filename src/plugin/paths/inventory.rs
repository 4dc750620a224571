//! `inventory`: one page over all configs of the mount, and the counts that belong to it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::config;
use super::super::engine::{Engine, config_name, no_config};
use super::super::index::{Direction, IndexRow, Reader, StatusBucket, Tree, time_key};
use super::super::labels::{self, LabelsFilter};
use super::super::renewal_window::RenewalRule;
use super::super::store::{DomainList, Key, Store};
use super::super::summary::{self, rule_of};
use super::super::{fields, time};
use svpki_types::api::InventoryResponse;
use svpki_types::{ConfigName, Status};
use vault_plugin::framework::{Call, Route, Values};
use vault_plugin::logical::{Error, Operation, Response};

const DEFAULT_LIMIT: i64 = 200;
const LARGEST_LIMIT: i64 = 1_000;
/// The most index nodes that one call reads for its page; a node has 64 rows. If few rows match the filter, the page
/// is short and has a `next`.
const SCAN_BUDGET: usize = 150;

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("inventory", "One page of all certificates of the mount, and a summary")
            .describe(
                "The page is sorted and filtered here. next is the place to go on from: give it as after. A page may \
                 be short, even empty, and still have a next, because the work of one call is bounded. The summary \
                 counts the whole mount, or the config that was asked for, whatever the other filters.",
            )
            .on(
                Operation::Read,
                "Read a page",
                &[fields::INVENTORY, &[fields::FILTER_CONFIG], fields::PAGING],
                async |_, call| read(call, None).await,
            ),
        Route::new("inventory/:config", "One page of the certificates of a config, and their summary")
            .describe(
                "As inventory, for this config alone, so that a policy can grant a team its own config.",
            )
            .param("config", super::CONFIG)
            .on(
                Operation::Read,
                "Read a page",
                &[fields::INVENTORY, fields::PAGING],
                async |_, call| {
                    let own = config_name(call.param("config"))?;
                    read(call, Some(own)).await
                },
            ),
    ]
}

/// The filter of a page.
struct Filter {
    status: Option<Vec<Status>>,
    config: Option<ConfigName>,
    text: Option<String>,
    before: Option<i64>,
    after: Option<i64>,
    labels: LabelsFilter,
    issued_after: Option<i64>,
}

async fn read(call: Call, own: Option<ConfigName>) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let mut filter = Filter::of(&call.fields)?;
    if own.is_some() {
        filter.config.clone_from(&own);
    }
    // A config that cannot be read may still have certificates.
    if let Some(name) = &filter.config
        && !store.exists(&Key::config(name)).await?
    {
        return Err(no_config(name));
    }
    let (tree, direction) = order(&call.fields);
    let limit = match call.fields.integer(&fields::LIMIT) {
        None => DEFAULT_LIMIT,
        Some(n @ 1..=LARGEST_LIMIT) => n,
        Some(n) => {
            return Err(Error::bad_request(format!(
                "limit is {n}: 1 to {LARGEST_LIMIT} are possible"
            )));
        }
    };
    let limit = usize::try_from(limit).unwrap_or_default();
    let after = match config::text(&call.fields, &fields::AFTER) {
        Some(text) => Some(decode(&text)?),
        None => filter.start(tree, direction),
    };
    let now = time::now();
    let configs = summary::configs(&store).await?;
    let domains = DomainList::load_all(&store, &configs).await?;
    let mut reader = Reader::open(&store).await?;
    let mut rows = Vec::new();
    let mut last = String::new();
    let mut more = false;
    let cut = reader
        .scan(
            tree,
            direction,
            after.as_deref(),
            SCAN_BUDGET,
            |bucket| filter.may_match(bucket),
            |visited| {
                let row = visited.row;
                if tree == Tree::Expiry && filter.is_past(direction, row) {
                    return false;
                }
                let rule = rule_of(&configs, &row.config);
                let of_config = configs.iter().find(|config| config.name == row.config);
                let of_config = of_config.map(|config| &config.labels);
                let matches =
                    filter.matches(row, rule, now) && filter.labels.matches(row, of_config);
                if rows.len() == limit {
                    more = more || matches;
                    return !more;
                }
                visited.key.clone_into(&mut last);
                if matches {
                    let answer = row.answer(rule, domains.get(&row.config), now);
                    rows.push(answer.labelled(labels::whole(&row.labels, of_config)));
                }
                true
            },
        )
        .await?;
    let next = match cut {
        _ if more => encode(&last),
        Some(key) => encode(&key),
        None => String::new(),
    };
    let mut summary =
        summary::summary(&store, &mut reader, &configs, filter.config.as_ref(), now).await?;
    if let Some(own) = own {
        summary.configs.retain(|name| *name == own.as_str());
    }
    let mut response = Response::of(&InventoryResponse {
        certificates: rows,
        next,
        summary,
    })?;
    response.warnings.extend(filter.only_of_orders());
    Ok(Some(response))
}

impl Filter {
    fn of(values: &Values) -> Result<Self, Error> {
        let status = config::text(values, &fields::FILTER_STATUS)
            .map(|text| {
                text.split(',')
                    .map(|word| {
                        word.trim()
                            .parse::<Status>()
                            .map_err(|error| Error::bad_request(error.to_string()))
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .transpose()?;
        let moment = |field: &vault_plugin::framework::Field| {
            config::text(values, field)
                .map(|text| {
                    time::parse(&text).ok_or_else(|| {
                        Error::bad_request(format!(
                            "{} is neither an RFC 3339 time, nor a date, nor Unix seconds",
                            field.name
                        ))
                    })
                })
                .transpose()
        };
        Ok(Self {
            status,
            config: config::text(values, &fields::FILTER_CONFIG)
                .map(|name| config_name(&name))
                .transpose()?,
            text: config::text(values, &fields::FILTER_QUERY).map(|text| text.to_lowercase()),
            before: moment(&fields::FILTER_EXPIRES_BEFORE)?,
            after: moment(&fields::FILTER_EXPIRES_AFTER)?,
            labels: LabelsFilter::of(values)?,
            issued_after: moment(&fields::FILTER_ISSUED_AFTER)?,
        })
    }

    /// A warning for a status that only orders have; the summary counts orders as well.
    fn only_of_orders(&self) -> Option<String> {
        let wanted = self.status.as_ref()?.iter();
        let words: Vec<&str> = wanted
            .filter(|status| status.is_of_orders())
            .map(|status| status.as_str())
            .collect();
        (!words.is_empty()).then(|| {
            format!(
                "{}: only orders have this status, certificates never: list orders/:config/",
                words.join(", ")
            )
        })
    }

    fn may_match(&self, bucket: &StatusBucket) -> bool {
        self.config
            .as_ref()
            .is_none_or(|config| bucket.config == *config)
            && self
                .status
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|status| bucket.may_be(*status)))
    }

    fn matches(&self, row: &IndexRow, rule: RenewalRule, now: i64) -> bool {
        self.config
            .as_ref()
            .is_none_or(|config| row.config == *config)
            && self
                .status
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&row.status(rule, now)))
            && self.before.is_none_or(|time| row.not_after < time)
            && self.after.is_none_or(|time| row.not_after > time)
            && self.issued_after.is_none_or(|time| row.not_before > time)
            && self.text.as_ref().is_none_or(|text| holds(row, text))
    }

    /// The key at which a page sorted by expiry begins.
    fn start(&self, tree: Tree, direction: Direction) -> Option<String> {
        match (tree, direction) {
            (Tree::Expiry, Direction::Up) => self.after.map(|time| time_key(time + 1)),
            (Tree::Expiry, Direction::Down) => self.before.map(time_key),
            (Tree::Name, _) => None,
        }
    }

    /// Whether no later row can match.
    fn is_past(&self, direction: Direction, row: &IndexRow) -> bool {
        match direction {
            Direction::Up => self.before.is_some_and(|time| row.not_after >= time),
            Direction::Down => self.after.is_some_and(|time| row.not_after <= time),
        }
    }
}

fn holds(row: &IndexRow, text: &str) -> bool {
    let has = |value: &str| value.to_lowercase().contains(text);
    let bare = text.replace(':', "");
    has(&row.common_name)
        || row.sans.iter().any(|san| has(san))
        || has(row.id.as_str())
        || has(&row.serial)
        || (!bare.is_empty() && row.serial.replace(':', "").contains(&bare))
}

fn order(values: &Values) -> (Tree, Direction) {
    match values.text(&fields::SORT).as_deref() {
        Some("-expiration") => (Tree::Expiry, Direction::Down),
        Some("common_name") => (Tree::Name, Direction::Up),
        Some("-common_name") => (Tree::Name, Direction::Down),
        _ => (Tree::Expiry, Direction::Up),
    }
}

fn encode(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

fn decode(text: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Error::bad_request("after is not a next of an earlier page"))
}
