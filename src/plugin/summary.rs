//! Counts of certificates by status and by week of expiry, read from the counts in the index.

use std::collections::BTreeMap;

use super::config::Config;
use super::index::{Counts, Reader, StatusBucket, Tree, time_key};
use super::renewal_window::RenewalRule;
use super::store::{ConfigRecord, Key, Lifecycle, Store};
use svpki_types::api::InventorySummary;
use svpki_types::{ConfigName, Status};
use vault_plugin::logical::Error;

const WEEK: i64 = 7 * 86_400;
const WEEKS: i64 = 53;

/// All configs of the mount that can be read.
pub async fn configs(store: &Store) -> Result<Vec<Config>, Error> {
    let mut configs = Vec::new();
    for name in store.list(&Key::configs()).await? {
        let Ok(name) = name.parse::<ConfigName>() else {
            continue;
        };
        if let Some(record) = store.read::<ConfigRecord>(&Key::config(&name)).await?
            && let Ok(config) = Config::load(&name, &record)
        {
            configs.push(config);
        }
    }
    Ok(configs)
}

/// The renewal rule of a config. The defaults apply to certificates of a config that cannot be read.
pub fn rule_of(configs: &[Config], name: &ConfigName) -> RenewalRule {
    configs.iter().find(|config| config.name == *name).map_or(
        RenewalRule {
            auto_renew: false,
            window: super::renewal_window::RenewalWindow::Percent(33),
        },
        Config::renewal_rule,
    )
}

/// The counts of the whole mount, or of one config.
pub async fn summary(
    store: &Store,
    reader: &mut Reader<'_>,
    configs: &[Config],
    only: Option<&ConfigName>,
    now: i64,
) -> Result<InventorySummary, Error> {
    let mut status: BTreeMap<String, u64> = Status::ALL
        .iter()
        .map(|status| (status.as_str().to_owned(), 0))
        .collect();
    let mut count =
        |word: Status, n: u64| *status.entry(word.as_str().to_owned()).or_default() += n;
    let buckets: Vec<(u32, StatusBucket)> = reader
        .buckets
        .iter()
        .filter(|(_, bucket)| only.is_none_or(|only| bucket.config == *only))
        .map(|(number, bucket)| (number, bucket.clone()))
        .collect();
    let totals = reader.totals().await?;
    let expired = reader.below(Tree::Expiry, &time_key(now + 1)).await?;
    let mut total = 0;
    let of = |counts: &Counts, number: u32| counts.get(&number).copied().unwrap_or_default();
    for (number, bucket) in &buckets {
        let all = of(&totals, *number);
        total += all;
        if all == 0 {
            continue;
        }
        if let Some(fixed) = bucket.lifecycle.fixed() {
            count(fixed, all);
            continue;
        }
        let window = bucket.window_seconds(rule_of(configs, &bucket.config));
        let gone = of(&expired, *number);
        let inside = reader
            .below(Tree::Expiry, &time_key(now + window + 1))
            .await?;
        let inside = of(&inside, *number).max(gone);
        count(Status::Expired, gone);
        count(Status::Expiring, inside - gone);
        count(Status::Issued, all.saturating_sub(inside));
    }
    for (word, folder) in [
        (Status::Pending, Key::open_orders()),
        (Status::Declined, Key::ended_orders(Status::Declined)),
        (Status::Rejected, Key::ended_orders(Status::Rejected)),
        (Status::Failed, Key::ended_orders(Status::Failed)),
    ] {
        let children = store.list(&folder).await?;
        let n = children
            .iter()
            .filter_map(|child| Key::parse_order_child(child))
            .filter(|(config, _)| only.is_none_or(|only| config == only))
            .count();
        count(word, u64::try_from(n).unwrap_or(u64::MAX));
    }
    Ok(InventorySummary {
        expiry_weeks: weeks(reader, &buckets, &expired, now).await?,
        status,
        total,
        configs: configs
            .iter()
            .map(|config| config.name.to_string())
            .collect(),
    })
}

async fn weeks(
    reader: &mut Reader<'_>,
    buckets: &[(u32, StatusBucket)],
    expired: &Counts,
    now: i64,
) -> Result<Vec<u64>, Error> {
    let live = |counts: &Counts| -> u64 {
        buckets
            .iter()
            .filter(|(_, bucket)| bucket.lifecycle == Lifecycle::Live)
            .map(|(number, _)| counts.get(number).copied().unwrap_or_default())
            .sum()
    };
    let mut before = live(expired);
    let mut weeks = Vec::new();
    for week in 1..=WEEKS {
        let until = live(
            &reader
                .below(Tree::Expiry, &time_key(now + week * WEEK + 1))
                .await?,
        );
        weeks.push(until.saturating_sub(before));
        before = until;
    }
    Ok(weeks)
}
