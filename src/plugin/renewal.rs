//! Renewal: of one certificate on demand, and of all that are due in the background.

use crate::plugin::error::bad_x509;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::config::{Config, KeyStorage};
use super::drift::{self, Drift};
use super::effective_fields::EffectiveFields;
use super::engine::Engine;
use super::error::{NOTHING_ORDERED, scm_error};
use super::index::{Direction, Editor, IndexRow, Reader, Tree, time_key};
use super::ledger::{Ledger, NewOrder, Placement, RequestIdentity, WaitBudget, under_way};
use super::locks::LockKey;
use super::response::OutputFormat;
use super::store::{
    Action, CertKind, CertRecord, CertificateSpec, Changes, DomainsRecord, Key, KeyLocation,
    KeyRecord, Lifecycle, OrderRecord, RETRY_BACKOFF, Store,
};
use super::time_budget::{RunBudget, is_due, side_by_side};
use super::validate::{self, CsrWithKey, KeySource, ValidatedRequest};
use super::{certificates, fields, issuance, random, time};
use pki::{Csr, PrivateKey};
use scm_client::Client;
use svpki_types::api::JobHealth;
use svpki_types::{ConfigName, ErrorTags, KeySpec};
use vault_plugin::framework::Values;
use vault_plugin::logical::Error;

/// Renewals of one account that one background run starts at most; the rest is for the next.
const MOST_PER_RUN: usize = 50;
/// How long after its end a certificate is still renewed.
const GRACE: i64 = 7 * 86_400;
/// How long SCM may take to tell how a certificate stands before it is renewed.
const LONGEST_LOOK: Duration = Duration::from_secs(10);
/// Index nodes that one run reads at most. Those of tests hold an eighth of the rows.
const SCAN_BUDGET: usize = if cfg!(test) { 16_000 } else { 2_000 };

/// How a renewal begins.
pub struct Start<'a> {
    pub identity: RequestIdentity,
    /// How the caller wants the answer; nobody asks for an automatic renewal.
    pub output: Option<&'a OutputFormat>,
    pub request: &'a Values,
}

/// Places the renewal of a certificate: checked like any order, and ordered once however many ask.
pub async fn create_order(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    cert: &CertRecord,
    start: Start<'_>,
) -> Result<(Placement, Vec<String>), Error> {
    let _turn = engine
        .locks
        .lock(LockKey::certificate(&cert.config, &cert.id))
        .await;
    let cert = certificates::load(store, &cert.config, &cert.id).await?;
    if let Some(open) = Ledger::new(engine, store).open_on(&cert).await? {
        if !matches!(open.action, Action::Renew { .. }) {
            return Err(under_way(&cert.id, &open));
        }
        let warning = format!("a renewal is under way already: order {}", open.id);
        return Ok((Placement::Existing(open.id), vec![warning]));
    }
    refuse_wrong_state(&cert)?;
    let mut warnings = Vec::new();
    let csr_with_key = key(store, config, &cert, &start, &mut warnings).await?;
    if let Some(output) = start.output {
        issuance::check_format_possible(output, &csr_with_key)?;
    }
    let mut request = ValidatedRequest {
        spec: CertificateSpec {
            term: cert.spec.term.or(config.default_term()?),
            ..cert.spec.clone()
        },
        key: KeySource::Csr(Box::new(csr_with_key.csr.clone())),
        // Fetched, it was not to be renewed by itself; what is ordered here now goes by its config.
        auto_renew: cert
            .auto_renew
            .filter(|renews| *renews || cert.order.is_some()),
        window: cert.window,
        warnings: Vec::new(),
    };
    if request.spec.profile_id.is_none() {
        request.spec.profile_id = super::field_values::profile_id(&config.given, config.kind)?;
    }
    validate::finish_renewal(store, config, &mut request).await?;
    warnings.extend(request.warnings);
    let new = NewOrder {
        action: Action::Renew {
            of: cert.id.clone(),
        },
        spec: request.spec,
        auto_renew: request.auto_renew,
        window: cert.window,
        automatic: start.output.is_none(),
        identity: start.identity,
    };
    let placement = Ledger::new(engine, store)
        .create(config, new, csr_with_key)
        .await?;
    Ok((placement, warnings))
}

fn refuse_wrong_state(cert: &CertRecord) -> Result<(), Error> {
    let why = match cert.lifecycle {
        Lifecycle::Live => return Ok(()),
        Lifecycle::Revoked => "it is revoked: enrol anew".to_owned(),
        Lifecycle::Replaced | Lifecycle::Superseded => match &cert.renewed_to {
            Some(to) => format!("{to} has taken its place: renew that one"),
            None => "another one has taken its place".to_owned(),
        },
    };
    Err(Error::Conflict(format!(
        "certificate {} cannot be renewed: {why}",
        cert.id
    )))
}

/// The key of the new certificate: the caller's CSR, the key in use, or a fresh one.
async fn key(
    store: &Store,
    config: &Config,
    cert: &CertRecord,
    start: &Start<'_>,
    warnings: &mut Vec<String>,
) -> Result<CsrWithKey, Error> {
    let request = start.request;
    let effective = EffectiveFields { request, config };
    let own = super::config::text(request, &fields::CSR);
    let reuse = request.boolean(&fields::REUSE_KEY).unwrap_or_default();
    if reuse && own.is_some() {
        return Err(Error::bad_request(
            "reuse_key=true renews with the key in use, and a CSR brings another: give one of the two",
        ));
    }
    if cert.kind == CertKind::Client {
        if own.is_some() {
            return Err(Error::bad_request(
                "SCM renews a client certificate with the key it has: for another key use replace or enroll",
            ));
        }
        warnings.push("SCM renews client certificates with the key they have".to_owned());
        return of_type_asked(&effective, in_use(store, cert).await?);
    }
    if let Some(text) = own {
        let csr = Csr::parse(&text).map_err(bad_x509)?;
        let name = csr.common_name().map(str::to_ascii_lowercase);
        if name.is_some_and(|name| name != cert.spec.common_name) {
            return Err(Error::bad_request(format!(
                "the CSR is for {:?} and the certificate for {:?}: a renewal keeps the name",
                csr.common_name().unwrap_or_default(),
                cert.spec.common_name
            )));
        }
        let source = validate::key_source(&effective, Some(csr))?;
        return issuance::make_key(config, &cert.spec, source).await;
    }
    if reuse {
        return of_type_asked(&effective, in_use(store, cert).await?);
    }
    let only_one = config.key_storage == KeyStorage::Never;
    if cert.key_location == KeyLocation::External
        && !cert.csr.is_empty()
        && (only_one || (start.output.is_none() && is_callers_csr(store, config, cert).await?))
    {
        // The caller's key is the only one there can be, or the one that its holder will go on to use.
        return Ok(CsrWithKey {
            csr: Csr::parse(&cert.csr).map_err(bad_x509)?,
            key: None,
            key_location: KeyLocation::External,
        });
    }
    let source = successor_key(&effective, cert)?;
    issuance::make_key(config, &cert.spec, source).await
}

/// Whether the caller made the key. One that was handed out once is elsewhere, too, but its order says that it was made
/// here.
async fn is_callers_csr(store: &Store, config: &Config, cert: &CertRecord) -> Result<bool, Error> {
    let order = match &cert.order {
        Some(id) => {
            store
                .read::<OrderRecord>(&Key::order(&cert.config, id))
                .await?
        }
        None => None,
    };
    Ok(match order {
        Some(order) => order.key_location == KeyLocation::External,
        None => config.key_storage != KeyStorage::Once,
    })
}

/// Refuses a key in use that is not of the type that the request asks for.
fn of_type_asked(
    effective: &EffectiveFields<'_>,
    csr_with_key: CsrWithKey,
) -> Result<CsrWithKey, Error> {
    validate::key_source(effective, Some(csr_with_key.csr.clone()))?;
    Ok(csr_with_key)
}

/// A fresh key for what comes after this certificate: of the same type, unless the request says otherwise.
pub fn successor_key(
    effective: &EffectiveFields<'_>,
    cert: &CertRecord,
) -> Result<KeySource, Error> {
    let asked =
        effective.request.has(&fields::KEY_ALGO) || effective.request.has(&fields::KEY_SIZE);
    match kind_of(cert) {
        Some(key_spec) if !asked && effective.config.key_storage != KeyStorage::Never => {
            Ok(KeySource::Generate(key_spec))
        }
        _ => validate::key_source(effective, None),
    }
}

fn kind_of(cert: &CertRecord) -> Option<KeySpec> {
    let (algorithm, size) = cert.spec.key_type.split_once(' ')?;
    KeySpec::parse(Some(algorithm), Some(size)).ok()
}

async fn in_use(store: &Store, cert: &CertRecord) -> Result<CsrWithKey, Error> {
    if cert.key_location != KeyLocation::External
        && let Some(record) = store
            .read::<KeyRecord>(&Key::private_key(&cert.config, &cert.id))
            .await?
    {
        let key = PrivateKey::from_pem(record.pem.expose())
            .map_err(|error| Error::internal(error.to_string()))?;
        return validate::csr_with(key, &cert.spec, cert.key_location);
    }
    if cert.csr.is_empty() {
        return Err(Error::bad_request(format!(
            "neither the key nor the CSR of {} is here: renew it with a CSR of your own, or enrol anew",
            cert.id
        )));
    }
    Ok(CsrWithKey {
        csr: Csr::parse(&cert.csr).map_err(bad_x509)?,
        key: None,
        key_location: KeyLocation::External,
    })
}

/// Renews what is due, a bounded number in a bounded time.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    budget: &Arc<RunBudget>,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let accounts = due(engine, store, configs, time::now(), budget, &mut health).await?;
    side_by_side(accounts, health, |(config, rows)| {
        let (engine, store, budget) = (Arc::clone(engine), store.clone(), Arc::clone(budget));
        async move { renew_all(&engine, &store, &config, rows, &budget).await }
    })
    .await
}

/// Renews these certificates of one account, one after the other.
async fn renew_all(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    rows: Vec<IndexRow>,
    budget: &RunBudget,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let client = match engine.client(config) {
        Ok(client) => client,
        Err(error) => {
            health.last_error = format!("config {}: {error}", config.name);
            return Ok(health);
        }
    };
    for row in rows {
        let skipped = match budget.skip_reason(&config.name, &client) {
            Some(why) => Some(why),
            None => match renew_one(engine, store, config, &client, &row, budget).await {
                Ok(skipped) => skipped,
                Err(error) => {
                    health.last_error = format!("{}: {error}", row.id);
                    note_failure(engine, store, &row, &error).await?;
                    Some("failed")
                }
            },
        };
        match skipped {
            None => health.done += 1,
            Some(why) => health.count_skipped(why),
        }
    }
    Ok(health)
}

/// Answers why it was passed over, if it was.
async fn renew_one(
    engine: &Arc<Engine>,
    store: &Store,
    config: &Config,
    client: &Client,
    row: &IndexRow,
    budget: &RunBudget,
) -> Result<Option<&'static str>, Error> {
    let cert = certificates::load(store, &row.config, &row.id).await?;
    // A second certificate would be paid for what somebody has renewed at SCM already.
    let drift = match tokio::time::timeout(LONGEST_LOOK, drift::detect(client, &cert)).await {
        Ok(Ok(drift)) => drift,
        Ok(Err(error)) => {
            budget.record_response(&config.name, client);
            return Err(scm_error(&error, NOTHING_ORDERED));
        }
        Err(_) => {
            budget.mark_unresponsive(&config.name);
            return Err(Error::Unavailable(format!(
                "SCM has not told within {} seconds how the certificate stands; nothing was ordered",
                LONGEST_LOOK.as_secs()
            )));
        }
    };
    if drift == Drift::Revoked {
        drift::mark_revoked(engine, store, &cert).await?;
        return Ok(Some("revoked at SCM"));
    }
    if let Some(why) = drift.explain(&cert) {
        return Err(Error::Conflict(why));
    }
    let nothing = Values::default();
    let start = Start {
        identity: RequestIdentity::internal()?,
        output: None,
        request: &nothing,
    };
    let (placement, _) = create_order(engine, store, config, &cert, start).await?;
    // It is sent here and now; what takes longer is collected like every order.
    let wait_budget = WaitBudget::new(Duration::from_secs(2), Duration::from_secs(1));
    // Should the order come to nothing, its end has counted the failure.
    Ledger::new(engine, store)
        .wait_for(config, placement, wait_budget)
        .await?;
    budget.record_response(&config.name, client);
    Ok(None)
}

/// The rows whose renewal is due, the most urgent of each account first. No account takes another's place: each has a
/// number of its own, and one that rests or whose SCM did not answer lately has next to none.
async fn due(
    engine: &Engine,
    store: &Store,
    configs: &[Config],
    now: i64,
    budget: &RunBudget,
    health: &mut JobHealth,
) -> Result<Vec<(Config, Vec<IndexRow>)>, Error> {
    struct Account {
        most: usize,
        why_not: Option<&'static str>,
        rows: Vec<IndexRow>,
    }
    let mut due: HashMap<&ConfigName, Account> = HashMap::new();
    for config in configs {
        let client = engine.client(config);
        // The first one shows whether SCM answers again, or says what is wrong with the settings.
        let trusted = client
            .as_ref()
            .is_ok_and(|client| !client.last_call_unanswered());
        let account = Account {
            most: if trusted { MOST_PER_RUN } else { 1 },
            why_not: client
                .ok()
                .and_then(|client| budget.skip_reason(&config.name, &client)),
            rows: Vec::new(),
        };
        due.insert(&config.name, account);
    }
    let domains = DomainsRecord::load_all(store, configs).await?;
    let mut reader = Reader::open(store).await?;
    let rule = |name: &ConfigName| {
        configs
            .iter()
            .find(|config| config.name == *name)
            .map(Config::renewal_rule)
    };
    let furthest = reader
        .buckets
        .iter()
        .filter_map(|(_, bucket)| Some(bucket.window_seconds(rule(&bucket.config)?)))
        .max()
        .unwrap_or_default();
    let start = time_key(now - GRACE);
    let complete = reader
        .scan(
            Tree::Expiry,
            Direction::Up,
            Some(&start),
            SCAN_BUDGET,
            |bucket| rule(&bucket.config).is_some_and(|rule| bucket.renews(rule)),
            |visited| {
                let row = visited.row;
                // A renewal may go before its window, where a validation ends.
                if row.not_after > now + furthest / 3 * 4 {
                    return false;
                }
                let plan = rule(&row.config)
                    .and_then(|rule| row.renewal(rule, domains.get(&row.config), now));
                if plan.is_none_or(|plan| plan.due > now && row.not_after > now) {
                    return true;
                }
                let Some(account) = due.get_mut(&row.config) else {
                    return true;
                };
                if row.renewing {
                    health.count_skipped("an order for it is under way");
                } else if !is_due(row.next_attempt, now, RETRY_BACKOFF.longest_seconds()) {
                    health.count_skipped("waits after a failure");
                } else if let Some(why) = account.why_not {
                    health.count_skipped(why);
                } else if account.rows.len() >= account.most {
                    health.count_skipped("more than one run takes");
                } else {
                    account.rows.push(row.clone());
                }
                true
            },
        )
        .await?;
    if !complete {
        health.count_skipped("the index was too long for one run");
    }
    let mut accounts: Vec<(bool, f64, Config, Vec<IndexRow>)> = configs
        .iter()
        .filter_map(|config| {
            let account = due.remove(&config.name)?;
            let last = account.most < MOST_PER_RUN;
            let rows = Some(account.rows).filter(|rows| !rows.is_empty())?;
            Some((last, random::fraction(), config.clone(), rows))
        })
        .collect();
    // More accounts than are worked on side by side take turns by chance.
    accounts.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    Ok(accounts
        .into_iter()
        .map(|(_, _, config, rows)| (config, rows))
        .collect())
}

/// Keeps why a renewal could not even be placed, and when it is tried again.
async fn note_failure(
    engine: &Arc<Engine>,
    store: &Store,
    row: &IndexRow,
    error: &Error,
) -> Result<(), Error> {
    if matches!(error, Error::Storage(_)) {
        return Err(error.clone());
    }
    let _index = engine.index.lock().await;
    let Some(old) = store
        .read::<CertRecord>(&Key::cert(&row.config, &row.id))
        .await?
    else {
        return Ok(());
    };
    let mut new = old.clone();
    let why = error.to_string();
    let (tags, why) = ErrorTags::split(&why);
    new.renewal
        .failed(why.to_owned(), tags.scm_code, time::now());
    let mut changes = Changes::default();
    let mut editor = Editor::open(store).await?;
    certificates::put(&mut editor, &mut changes, Some(&old), &new).await?;
    editor.finish(&mut changes)?;
    store.commit(changes).await
}
