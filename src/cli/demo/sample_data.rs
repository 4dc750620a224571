//! Sample data: three mounts, several configs, three hundred certificates in every state, and pending orders.
//! Everything is made through the plugin. Only the calendar of the simulated SCM is turned back, so that there are old
//! certificates.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::{CliError, Ui};
use super::{DemoEnvironment, PROFILE};
use vault_client::{EngineClient, PLUGIN_NAME};

/// The mounts and their configs.
const MOUNTS: [(&str, &[&str]); 3] = [
    (PLUGIN_NAME, &["web", "mail"]),
    ("sectigo-eu", &["shops", "partners"]),
    ("sectigo-lab", &["lab"]),
];

/// The default number of certificates.
pub const CERTIFICATES: usize = 300;

/// How many requests are in flight. The server and the plugin make keys on the same processors.
const AT_ONCE: usize = 4;

/// How many days ago certificates are issued, oldest first, and their share of the total in percent.
const PAST: [(i64, usize); 12] = [
    (215, 3),
    (205, 2),
    (198, 1),
    (195, 2),
    (188, 4),
    (178, 6),
    (150, 10),
    (120, 12),
    (90, 14),
    (60, 16),
    (30, 15),
    (2, 15),
];

/// The profile whose orders a person must approve.
const WITH_APPROVAL: i64 = 55;

const SERVICES: [&str; 20] = [
    "www", "api", "login", "mail", "vpn", "shop", "pay", "static", "git", "wiki", "sso", "img",
    "search", "status", "docs", "cdn", "chat", "files", "metrics", "intranet",
];

const DOMAINS: [&str; 5] = [
    "example.com",
    "example.org",
    "example.net",
    "shop.example.eu",
    "lab.example.com",
];

/// A certificate that is to be ordered.
struct Wanted {
    mount: &'static str,
    config: &'static str,
    name: String,
    others: Vec<String>,
    key: (&'static str, &'static str),
}

/// Fills the environment with about `count` certificates.
pub async fn fill(ui: &Ui, stage: &mut DemoEnvironment, count: usize) -> Result<(), CliError> {
    let engines = mounts(stage).await?;
    let bar = ui.bar(count as u64, "Filling the estate");
    let mut made: Vec<(EngineClient, &'static str, String)> = Vec::new();
    let mut today = 0;
    for (age, share) in PAST {
        turn_calendar(stage, today - age).await?;
        today = age;
        let batch = (count * share)
            .div_ceil(100)
            .min(count.saturating_sub(made.len()));
        bar.set_message(format!("Certificates of {age} days ago"));
        let from = made.len();
        let wanted = (from..from + batch).map(wanted);
        made.extend(enroll(&engines, wanted, || bar.inc(1)).await?);
    }
    bar.set_message("Renewals, revocations, orders that wait");
    turn_calendar(stage, today).await?;
    histories(&made).await?;
    waiting(stage, &engines).await?;
    look_at_accounts(&engines).await?;
    bar.finish_and_clear();
    ui.status(&format!(
        "{} certificates in {} mounts",
        made.len(),
        MOUNTS.len()
    ));
    Ok(())
}

async fn mounts(stage: &mut DemoEnvironment) -> Result<Vec<EngineClient>, CliError> {
    let server = stage.engine.server().clone();
    let mut engines = Vec::new();
    for (mount, configs) in MOUNTS {
        if mount != stage.engine.mount() {
            server.mount(mount, &json!({"type": PLUGIN_NAME})).await?;
        }
        let first = std::mem::replace(&mut stage.engine, server.engine(mount));
        for config in configs {
            stage
                .config(
                    config,
                    &json!({
                        "sectigo_expiry_window": "21",
                        "sectigo_auto_renew": *config == "web",
                        "owner": match *config {
                            "web" | "mail" => "anna@example.com",
                            "lab" => "lena@example.com",
                            _ => "omar@example.com",
                        },
                    }),
                )
                .await?;
        }
        engines.push(std::mem::replace(&mut stage.engine, first));
    }
    Ok(engines)
}

fn wanted(n: usize) -> Wanted {
    let (mount, configs) = MOUNTS[match n % 10 {
        0..6 => 0,
        6..9 => 1,
        _ => 2,
    }];
    let service = SERVICES[n % SERVICES.len()];
    let domain = DOMAINS[n / SERVICES.len() % DOMAINS.len()];
    let round = n / (SERVICES.len() * DOMAINS.len());
    let host = if round == 0 {
        service.to_owned()
    } else {
        format!("{service}-{}", round + 1)
    };
    let name = format!("{host}.{domain}");
    let others = match n % 4 {
        0 => vec![format!("{host}-a.{domain}"), format!("{host}-b.{domain}")],
        1 => vec![format!("{host}-internal.{domain}")],
        _ => Vec::new(),
    };
    let key = match n % 25 {
        0 => ("RSA", "2048"),
        n if n % 3 == 0 => ("EC", "P-384"),
        _ => ("EC", "P-256"),
    };
    Wanted {
        mount,
        config: configs[n % configs.len()],
        name,
        others,
        key,
    }
}

async fn enroll(
    engines: &[EngineClient],
    wanted: impl Iterator<Item = Wanted>,
    done: impl Fn(),
) -> Result<Vec<(EngineClient, &'static str, String)>, CliError> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for one in wanted {
        let Some(engine) = engines
            .iter()
            .find(|engine| engine.mount() == one.mount)
            .cloned()
        else {
            continue;
        };
        let turns = Arc::clone(&turns);
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            let fields = json!({
                "common_name": one.name,
                "alt_names": one.others,
                "key_type": one.key.0,
                "key_bits": one.key.1,
                "profile_id": PROFILE,
                "term": 199,
                "sectigo_max_timeout": 60,
            });
            let answer = engine.enroll(one.config, &fields).await?;
            Ok::<_, CliError>((engine, one.config, answer.value.sectigo_cert_unique_id))
        });
    }
    let mut made = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        made.push(ended.map_err(|broken| CliError::failed(broken.to_string()))??);
        done();
    }
    Ok(made)
}

/// Turns the calendar of the simulated SCM by this many days.
async fn turn_calendar(stage: &DemoEnvironment, days: i64) -> Result<(), CliError> {
    tell_scm(stage, "clock", json!({"advance": format!("{days}d")})).await
}

/// Makes the plugin check the accounts now. It also does so in the background once a config is written, but by then the
/// calendar may be turned back, and for a quarter of an hour the result would be that SCM's clock is wrong.
async fn look_at_accounts(engines: &[EngineClient]) -> Result<(), CliError> {
    for (engine, (_, configs)) in engines.iter().zip(MOUNTS) {
        for config in configs {
            engine.config_health(config).await?;
        }
    }
    Ok(())
}

/// Renews, replaces or revokes some of the certificates.
async fn histories(made: &[(EngineClient, &'static str, String)]) -> Result<(), CliError> {
    // The oldest certificates have expired. Those after them are the ones to renew.
    let recent = made.len() * 8 / 100;
    for (n, (engine, config, id)) in made
        .iter()
        .skip(recent)
        .step_by(made.len().div_ceil(30).max(1))
        .enumerate()
    {
        match n % 6 {
            0..=2 => drop(engine.renew(config, id, &json!({})).await?),
            3 => drop(
                engine
                    .replace(
                        config,
                        id,
                        &json!({"sectigo_replace_reason": "new load balancer"}),
                    )
                    .await?,
            ),
            4 => {
                let why = json!({"sectigo_revoke_reason": "host retired", "reason_code": 5});
                engine.revoke(config, id, &why).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Places orders that a person must approve, of which one is declined and one is cancelled.
async fn waiting(stage: &DemoEnvironment, engines: &[EngineClient]) -> Result<(), CliError> {
    for (n, name) in ["careers", "press", "investors", "events", "beta"]
        .iter()
        .enumerate()
    {
        let fields = json!({
            "common_name": format!("{name}.example.com"),
            "key_type": "EC",
            "key_bits": "P-256",
            "profile_id": WITH_APPROVAL,
            "term": 199,
            "sectigo_max_timeout": 0,
        });
        let Some(engine) = engines.first() else {
            return Ok(());
        };
        let order = engine.enroll("web", &fields).await?.value;
        // Whom the order waits for is only known after a question to SCM.
        let path = engine.path(&format!("orders/web/{}", order.order_id));
        engine.server().write(&path, &json!({})).await?;
        match n {
            3 => step(stage, &order.ssl_id, "decline").await?,
            4 => drop(engine.cancel_order("web", &order.order_id, false).await?),
            _ => {}
        }
    }
    Ok(())
}

/// Does what a person would do in SCM.
async fn step(stage: &DemoEnvironment, ssl_id: &str, what: &str) -> Result<(), CliError> {
    tell_scm(stage, &format!("orders/{ssl_id}/{what}"), json!({})).await
}

async fn tell_scm(stage: &DemoEnvironment, path: &str, body: Value) -> Result<(), CliError> {
    let told = stage.sim.control("POST", path, body).await;
    told.map_err(|why| CliError::failed(why.to_string()))?;
    Ok(())
}
