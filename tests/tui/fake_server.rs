//! A fake server that answers each effect at once, with mounts, orders, SCM, and errors.

use sectigo_vault_pki::forecast::forecast;
use sectigo_vault_pki::tui::model::{PageRequest, Start};
use sectigo_vault_pki::tui::source::{
    CertKey, Done, PageQuery, Request, ServerInfo, SourceError, TokenInfo, Verb,
};
use sectigo_vault_pki::tui::{Effect, Msg, time};
use svpki_types::api::{
    CertificateResponse, ConfigHealth, DcvRecordResponse, DomainResponse, HealthResponse,
    InventoryResponse, InventoryRow, InventorySummary, JobHealth, OrderResponse,
};
use svpki_types::{OrderState, Status, WaitingOn};
use vault_client::ServerProduct;

/// 2026-11-23 12:00 UTC.
pub const NOW: i64 = 1_795_435_200;
const DAY: i64 = 86_400;

/// A plausible set of mounts, certificates and orders in memory.
pub struct FakeServer {
    pub mounts: Vec<(String, Vec<InventoryRow>)>,
    pub orders: Vec<(String, OrderResponse)>,
    pub domains: Vec<(String, DomainResponse)>,
    /// While set, every request fails with this error.
    pub down: Option<SourceError>,
    pub denied: Vec<Verb>,
    pub product: ServerProduct,
    pub sent: Vec<Request>,
    pub copied: Vec<String>,
    pub exported: Vec<(String, String)>,
    /// The columns, sort and filter that were saved for the next run.
    pub kept: Option<Start>,
    pub pages_asked: Vec<PageRequest>,
    /// Names of items whose request is refused.
    pub refuses: Vec<String>,
    /// While set, requests are carried out, but their answers are lost.
    pub answers_lost: bool,
    /// The number of account checks that were asked for.
    pub looks: usize,
    pub refuses_looks: bool,
    /// While set, requests arrive, but nothing is answered yet.
    pub silent: bool,
    /// A mount whose inventory the token may not read.
    pub unreadable: Option<String>,
    /// The number of health requests.
    pub pings: usize,
    /// Everything that was asked while `down` was set.
    pub asked: Vec<Effect>,
}

pub fn row(n: usize, name: &str, status: Status, ends_in: i64) -> InventoryRow {
    let end = NOW + ends_in * DAY;
    // No certificate begins in the future, and none since yesterday.
    let begin = (end - 199 * DAY).min(NOW - 3 * DAY);
    InventoryRow {
        id: format!("{}_acme", 770_000 + n),
        config: if n.is_multiple_of(4) { "lab" } else { "prod" }.to_owned(),
        status: Some(status),
        common_name: name.to_owned(),
        subject_alt_names: vec![name.to_owned(), format!("www.{name}")],
        serial_number: format!("0a:{:02x}:{:02x}:ff", n / 256 % 256, n % 256),
        not_before: time::rfc3339(begin),
        not_after: time::rfc3339(end),
        expiration: end,
        key_type: if n.is_multiple_of(3) {
            "RSA 2048"
        } else {
            "EC P-256"
        }
        .to_owned(),
        has_key: !n.is_multiple_of(5),
        profile_id: Some(4711),
        kind: "ssl_cert".to_owned(),
        issuer: "Sectigo RSA OV CA".to_owned(),
        renew_at: (status == Status::Issued).then(|| time::rfc3339(end - 30 * DAY)),
        ..InventoryRow::default()
    }
}

/// A domain whose validation ends in five days, with this number of blocked renewals.
pub fn domain(name: &str, blocked: u64) -> (String, DomainResponse) {
    let domain = DomainResponse {
        domain: name.to_owned(),
        config: "prod".to_owned(),
        status: "validated".to_owned(),
        validation_method: Some("cname".to_owned()),
        valid_until: Some(time::rfc3339(NOW + 5 * DAY)),
        certificates: 3,
        blocked_renewals: blocked,
        record: Some(DcvRecordResponse {
            kind: "CNAME".to_owned(),
            name: format!("_abc.{name}."),
            value: "def.sectigo.com.".to_owned(),
        }),
        ..DomainResponse::default()
    };
    ("sectigo".to_owned(), domain)
}

fn order(n: usize, name: &str, state: OrderState, waiting_on: Option<WaitingOn>) -> OrderResponse {
    let asked = !matches!(state, OrderState::Intent | OrderState::Uncertain);
    OrderResponse {
        order_id: format!("o-{n:06}"),
        config: "prod".to_owned(),
        action: "enroll".to_owned(),
        state: Some(state),
        status: Some(state.status()),
        common_name: name.to_owned(),
        subject_alt_names: vec![name.to_owned()],
        sectigo_cert_unique_id: if asked {
            format!("{}_acme", 780_000 + n)
        } else {
            String::new()
        },
        since: time::rfc3339(NOW - n as i64 * 3600),
        created: time::rfc3339(NOW - n as i64 * 3600 - 60),
        attempts: 1,
        polls: if asked { 7 } else { 0 },
        waiting_on,
        scm_status: if asked { "Requested" } else { "" }.to_owned(),
        last_scm_code: asked.then_some(-1400),
        last_message: if asked {
            "Being processed by Sectigo"
        } else {
            ""
        }
        .to_owned(),
        next_poll: (!state.is_final()).then(|| time::rfc3339(NOW + 90)),
        ..OrderResponse::default()
    }
}

impl FakeServer {
    pub fn empty() -> Self {
        Self {
            mounts: Vec::new(),
            orders: Vec::new(),
            domains: Vec::new(),
            down: None,
            denied: Vec::new(),
            product: ServerProduct::Vault,
            sent: Vec::new(),
            copied: Vec::new(),
            exported: Vec::new(),
            kept: None,
            pages_asked: Vec::new(),
            refuses: Vec::new(),
            answers_lost: false,
            looks: 0,
            refuses_looks: false,
            silent: false,
            unreadable: None,
            pings: 0,
            asked: Vec::new(),
        }
    }

    pub fn estate() -> Self {
        let mut first = vec![
            row(1, "shop.example.com", Status::Expiring, 3),
            row(2, "api.example.com", Status::Expiring, 11),
            row(3, "xn--bcher-kva.example.com", Status::Issued, 60),
            row(4, "日本語.example.com", Status::Issued, 75),
            row(5, "evil\u{1b}[2J.example.com", Status::Issued, 80),
            row(6, "old.example.com", Status::Expired, -4),
            row(7, "stolen.example.com", Status::Revoked, 90),
            row(8, "moved.example.com", Status::Replaced, 40),
            row(9, "shop.example.com", Status::Superseded, 2),
            row(
                10,
                "a-very-long-host-name-that-does-not-fit.department.division.example.com",
                Status::Issued,
                120,
            ),
        ];
        first[0].renewed_from = Some(first[8].id.clone());
        first[0].config = "prod".to_owned();
        first[8].config = "prod".to_owned();
        first[8].renewed_to = Some(first[0].id.clone());
        first[1].renew_error = Some("profile 4711 is gone at SCM (-110)".to_owned());
        first[1].renew_retry_at = Some(time::rfc3339(NOW + 15 * 60));
        let second = (20..60)
            .map(|n| {
                row(
                    n,
                    &format!("host-{n}.example.org"),
                    Status::Issued,
                    10 + 7 * n as i64,
                )
            })
            .collect();
        let orders = vec![
            order(
                5,
                "new.example.com",
                OrderState::Pending,
                Some(WaitingOn::Approval),
            ),
            order(
                2,
                "dcv.example.com",
                OrderState::Pending,
                Some(WaitingOn::Dcv),
            ),
            order(1, "lost.example.com", OrderState::Uncertain, None),
            order(30, "refused.example.com", OrderState::Declined, None),
        ]
        .into_iter()
        .map(|order| ("sectigo".to_owned(), order))
        .collect();
        Self {
            mounts: vec![
                ("sectigo".to_owned(), first),
                ("sectigo-eu".to_owned(), second),
            ],
            orders,
            ..Self::empty()
        }
    }

    pub fn answer(&mut self, effect: Effect) -> Option<Msg> {
        if let Some(error) = self.down.clone() {
            self.asked.push(effect.clone());
            return failed(effect, error);
        }
        Some(match effect {
            Effect::Mounts => Msg::Mounts(Ok(self
                .mounts
                .iter()
                .map(|(name, _)| name.clone())
                .collect())),
            Effect::Page(request) if self.unreadable.as_deref() == Some(&*request.mount) => {
                let mount = request.mount.clone();
                return failed(
                    Effect::Page(request),
                    SourceError::Denied(format!("GET {mount}/inventory")),
                );
            }
            Effect::Page(request) => {
                let answer = Ok(self.page(&request).into());
                self.pages_asked.push(request.clone());
                Msg::Page {
                    mount: request.mount,
                    generation: request.generation,
                    answer,
                }
            }
            Effect::Orders(mount) => {
                let of_mount = self.orders.iter().filter(|(m, _)| *m == *mount);
                let answer = Ok(of_mount.map(|(_, order)| order.clone()).collect());
                Msg::Orders { mount, answer }
            }
            Effect::Order { id, .. } => {
                let mut order = order(3, "shop.example.com", OrderState::Issued, None);
                order.order_id.clone_from(&id);
                Msg::Order {
                    id,
                    answer: Box::new(Ok(order)),
                }
            }
            Effect::Health(mount) => Msg::Health {
                answer: Ok(health(&mount)),
                mount,
            },
            Effect::Attention(mount) => {
                let mut all = InventoryResponse::default();
                for (status, after, before) in [
                    (Status::Expiring, None, None),
                    (Status::Issued, None, Some(NOW + 7 * DAY)),
                    (Status::Expired, Some(NOW - 7 * DAY), None),
                ] {
                    let query = PageQuery {
                        status: Some(status),
                        expires_after: after,
                        expires_before: before,
                        sort: "expiration",
                        limit: 1000,
                        ..PageQuery::default()
                    };
                    let request = PageRequest {
                        mount: mount.clone(),
                        generation: 0,
                        query,
                    };
                    all.certificates.extend(self.page(&request).certificates);
                }
                Msg::Attention {
                    mount,
                    answer: Ok(all.into()),
                }
            }
            Effect::Domains(mount) => {
                let of_mount = self.domains.iter().filter(|(m, _)| *m == *mount);
                let answer = Ok(of_mount.map(|(_, domain)| domain.clone()).collect());
                Msg::Domains { mount, answer }
            }
            Effect::Issued(mount, after) => {
                let request = PageRequest {
                    mount: mount.clone(),
                    generation: 0,
                    query: PageQuery {
                        status: Some(Status::Issued),
                        issued_after: Some(after),
                        sort: "-expiration",
                        limit: 200,
                        ..PageQuery::default()
                    },
                };
                Msg::Issued {
                    mount,
                    answer: Ok(self.page(&request).into()),
                }
            }
            Effect::Forecast {
                lives,
                validations,
                now,
                horizon,
            } => Msg::Forecast(forecast(&lives, &validations, now, horizon)),
            Effect::CheckAccount { mount, config } => {
                self.looks += 1;
                let answer = if self.refuses_looks {
                    Err(SourceError::Denied(format!("GET {mount}/health/{config}")))
                } else {
                    Ok(looked(&config))
                };
                Msg::AccountChecked {
                    mount,
                    config,
                    answer,
                }
            }
            Effect::Certificate(key) => {
                let answer = Box::new(self.certificate(&key));
                Msg::Certificate { key, answer }
            }
            Effect::Server => {
                self.pings += 1;
                Msg::Server(Ok(ServerInfo {
                    product: self.product,
                    version: "2.7.2".to_owned(),
                    cluster: "vault-cluster-1".to_owned(),
                    ..ServerInfo::default()
                }))
            }
            Effect::Token | Effect::RenewToken => Msg::Token(Ok(token())),
            Effect::UseToken(token_given) if token_given.expose() == "good" => {
                Msg::TokenTaken(Ok(token()))
            }
            Effect::UseToken(_) => Msg::TokenTaken(Err(SourceError::TokenExpired)),
            Effect::Allowed { config, paths } => {
                let verdict = |verb: Verb| !self.denied.contains(&verb);
                let answer = Ok(paths
                    .into_iter()
                    .map(|(verb, _)| (verb, verdict(verb)))
                    .collect());
                Msg::Allowed { config, answer }
            }
            Effect::Act { job, item, request } => {
                let refused = self
                    .refuses
                    .iter()
                    .any(|id| request.path.ends_with(id.as_str()));
                self.sent.push(request);
                if self.silent {
                    return None;
                }
                let answer = if self.answers_lost {
                    Err(SourceError::Unreachable("connection reset".to_owned()))
                } else if refused {
                    Err(SourceError::Refused(
                        "term 400 is not offered by the profile (SCM code -36)".to_owned(),
                    ))
                } else {
                    Ok(Done {
                        message: "new ID 790001_acme".to_owned(),
                        warnings: Vec::new(),
                    })
                };
                Msg::Acted { job, item, answer }
            }
            Effect::Copy(text) => {
                self.copied.push(text);
                return None;
            }
            Effect::Export { path, content } => {
                self.exported.push((path.clone(), content));
                Msg::Exported(Ok(path))
            }
            Effect::SaveStart(start) => {
                self.kept = Some(start);
                Msg::StartSaved(Ok("tui-start.toml".to_owned()))
            }
            Effect::Mouse(_) | Effect::Discard(_) | Effect::Suspend => return None,
        })
    }

    fn page(&self, request: &PageRequest) -> InventoryResponse {
        let query = &request.query;
        let Some((_, rows)) = self
            .mounts
            .iter()
            .find(|(name, _)| **name == *request.mount)
        else {
            return InventoryResponse::default();
        };
        let holds = |row: &InventoryRow, q: &str| {
            row.common_name.contains(q)
                || row.id.contains(q)
                || row.serial_number.contains(q)
                || row.subject_alt_names.iter().any(|name| name.contains(q))
        };
        let mut found: Vec<&InventoryRow> = rows
            .iter()
            .filter(|row| query.status.is_none_or(|s| row.status == Some(s)))
            .filter(|row| query.config.as_ref().is_none_or(|c| row.config == *c))
            .filter(|row| query.q.as_ref().is_none_or(|q| holds(row, q)))
            .filter(|row| query.expires_before.is_none_or(|at| row.expiration < at))
            .filter(|row| query.expires_after.is_none_or(|at| row.expiration > at))
            .filter(|row| {
                let begin = time::seconds(&row.not_before).unwrap();
                query.issued_after.is_none_or(|at| begin > at)
            })
            .collect();
        match query.sort {
            "expiration" => found.sort_by_key(|row| row.expiration),
            "-expiration" => found.sort_by_key(|row| -row.expiration),
            "common_name" => found.sort_by(|a, b| a.common_name.cmp(&b.common_name)),
            "-common_name" => found.sort_by(|a, b| b.common_name.cmp(&a.common_name)),
            other => panic!("the plugin knows no sort {other:?}"),
        }
        let from: usize = query.after.parse().unwrap_or(0);
        let to = (from + query.limit).min(found.len());
        InventoryResponse {
            certificates: found[from.min(to)..to]
                .iter()
                .map(|row| (*row).clone())
                .collect(),
            next: if to < found.len() {
                to.to_string()
            } else {
                String::new()
            },
            summary: summary(rows),
        }
    }

    fn certificate(&self, key: &CertKey) -> Result<CertificateResponse, SourceError> {
        let rows = self
            .mounts
            .iter()
            .filter(|(name, _)| **name == *key.mount)
            .flat_map(|(_, rows)| rows);
        let row = rows
            .into_iter()
            .find(|row| *row.id == *key.id)
            .ok_or_else(|| SourceError::NotFound(key.id.to_string()))?;
        Ok(CertificateResponse {
            sectigo_cert_unique_id: row.id.clone(),
            order_id: "o-000003".to_owned(),
            config: row.config.clone(),
            status: row.status,
            common_name: row.common_name.clone(),
            subject_alt_names: row.subject_alt_names.clone(),
            serial_number: row.serial_number.clone(),
            not_before: row.not_before.clone(),
            not_after: row.not_after.clone(),
            certificate: include_str!("leaf.pem").to_owned(),
            ca_chain: vec![include_str!("leaf.pem").to_owned()],
            renewed_from: row.renewed_from.clone(),
            renewed_to: row.renewed_to.clone(),
            ..CertificateResponse::default()
        })
    }
}

pub fn token() -> TokenInfo {
    TokenInfo {
        name: "oidc-alex".to_owned(),
        ttl: Some(12 * 3600),
        renewable: true,
    }
}

fn summary(rows: &[InventoryRow]) -> InventorySummary {
    let count = |status| rows.iter().filter(|row| row.status == Some(status)).count() as u64;
    let mut weeks = vec![0; 53];
    for row in rows
        .iter()
        .filter(|r| matches!(r.status, Some(Status::Issued | Status::Expiring)))
    {
        let week = (row.expiration - NOW) / (7 * DAY);
        if let Some(slot) = usize::try_from(week)
            .ok()
            .and_then(|week| weeks.get_mut(week))
        {
            *slot += 1;
        }
    }
    InventorySummary {
        status: Status::ALL
            .iter()
            .map(|s| (s.to_string(), count(*s)))
            .collect(),
        expiry_weeks: weeks,
        total: rows.len() as u64,
        configs: vec!["lab".to_owned(), "prod".to_owned()],
    }
}

fn health(mount: &str) -> HealthResponse {
    let good = ConfigHealth {
        kind: "ssl_cert".to_owned(),
        base_url: "https://cert-manager.com".to_owned(),
        checked: time::rfc3339(NOW - 120),
        reachable: true,
        login_accepted: true,
        organisation_visible: true,
        profile_visible: true,
        clock_skew_seconds: Some(2),
        ..ConfigHealth::default()
    };
    let bad = ConfigHealth {
        login_accepted: false,
        error: "unknown user".to_owned(),
        hint: "check login and password of this config: svpki config test lab".to_owned(),
        scm_code: Some(-16),
        ..good.clone()
    };
    let job = JobHealth {
        last_run: time::rfc3339(NOW - 30),
        duration_ms: 1204,
        done: 3,
        skipped: [("not due".to_owned(), 47)].into(),
        last_error: String::new(),
    };
    let failing = mount == "sectigo-eu";
    HealthResponse {
        plugin_version: "0.1.0".to_owned(),
        healthy: !failing,
        configs: [("prod".to_owned(), good), ("lab".to_owned(), bad)]
            .into_iter()
            .filter(|(name, _)| failing || name == "prod")
            .collect(),
        jobs: [
            ("collect".to_owned(), job),
            ("tidy".to_owned(), JobHealth::default()),
        ]
        .into(),
        transactional_storage: true,
        ..HealthResponse::default()
    }
}

/// The result of an account check now: all is well, except that config `lab` cannot see its organisation.
fn looked(config: &str) -> ConfigHealth {
    let well = config != "lab";
    ConfigHealth {
        kind: "ssl_cert".to_owned(),
        base_url: "https://cert-manager.com".to_owned(),
        checked: time::rfc3339(NOW),
        reachable: true,
        login_accepted: true,
        organisation_visible: well,
        profile_visible: well,
        error: if well {
            ""
        } else {
            "organisation 7 is not visible"
        }
        .to_owned(),
        ..ConfigHealth::default()
    }
}

fn failed(effect: Effect, error: SourceError) -> Option<Msg> {
    Some(match effect {
        Effect::Mounts => Msg::Mounts(Err(error)),
        Effect::Page(request) => Msg::Page {
            mount: request.mount,
            generation: request.generation,
            answer: Err(error),
        },
        Effect::Orders(mount) => Msg::Orders {
            mount,
            answer: Err(error),
        },
        Effect::Order { id, .. } => Msg::Order {
            id,
            answer: Box::new(Err(error)),
        },
        Effect::Health(mount) => Msg::Health {
            mount,
            answer: Err(error),
        },
        Effect::Attention(mount) => Msg::Attention {
            mount,
            answer: Err(error),
        },
        Effect::Domains(mount) => Msg::Domains {
            mount,
            answer: Err(error),
        },
        Effect::Issued(mount, _) => Msg::Issued {
            mount,
            answer: Err(error),
        },
        Effect::Forecast { .. } => return None,
        Effect::CheckAccount { mount, config } => Msg::AccountChecked {
            mount,
            config,
            answer: Err(error),
        },
        Effect::Certificate(key) => Msg::Certificate {
            key,
            answer: Box::new(Err(error)),
        },
        Effect::Server => Msg::Server(Err(error)),
        Effect::Token | Effect::RenewToken => Msg::Token(Err(error)),
        Effect::UseToken(_) => Msg::TokenTaken(Err(error)),
        Effect::Allowed { config, .. } => Msg::Allowed {
            config,
            answer: Err(error),
        },
        Effect::Act { job, item, .. } => Msg::Acted {
            job,
            item,
            answer: Err(error),
        },
        Effect::Export { path, .. } => Msg::Exported(Err(format!("{path}: no room"))),
        Effect::SaveStart(_) => Msg::StartSaved(Err("no room".to_owned())),
        Effect::Copy(_) | Effect::Mouse(_) | Effect::Discard(_) | Effect::Suspend => return None,
    })
}
