//! The dashboard's event loop with 300 and with 50,000 certificates in 20 mounts: time to the first rows, time from a
//! key to its frame while everything is read again and again, and memory. Prints figures, asserts none.
//!
//! The server answers from memory, as JSON text that is parsed as the real answers are: what is measured is ours.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sectigo_vault_pki::domain::answers::{
    CertificateAnswer, HealthAnswer, InventoryAnswer, InventoryRow, InventorySummary, OrderAnswer,
};
use sectigo_vault_pki::domain::{Secret, Status};
use sectigo_vault_pki::tui::source::{
    CertKey, Done, PageQuery, Place, Request, ServerInfo, Source, SourceError, TokenInfo,
};
use sectigo_vault_pki::tui::{Figures, measure, time};

type Answer<T> = Result<T, SourceError>;

/// Answers ready as text, by mount, status and page.
struct Memory {
    mounts: usize,
    pages: BTreeMap<(String, String, usize, usize), String>,
    empty: String,
}

const NOW: i64 = 1_795_435_200;

fn row(mount: usize, n: usize, status: Status) -> InventoryRow {
    let end = NOW + 86_400 * (1 + (n % 360) as i64);
    let name = format!("service-{n}.team-{mount}.example.com");
    InventoryRow {
        id: format!("{}_example", mount * 100_000 + n),
        config: ["web", "mail", "shops"][n % 3].to_owned(),
        status: Some(status),
        subject_alt_names: vec![name.clone(), format!("www.{name}"), format!("api.{name}")],
        common_name: name,
        serial_number: format!(
            "0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:{:02x}:{:02x}:{mount:02x}",
            n / 256 % 256,
            n % 256
        ),
        not_before: time::rfc3339(end - 199 * 86_400),
        not_after: time::rfc3339(end),
        expiration: end,
        key_type: "EC P-256".to_owned(),
        has_key: true,
        profile_id: Some(51),
        kind: "ssl_cert".to_owned(),
        issuer: "C=GB, O=Sectigo Limited, CN=Sectigo Public Server Authentication CA OV".to_owned(),
        ..InventoryRow::default()
    }
}

impl Memory {
    fn new(mounts: usize, each: usize) -> Self {
        let mut pages = BTreeMap::new();
        let expiring = each / 20;
        let summary = InventorySummary {
            status: Status::ALL
                .iter()
                .map(|s| {
                    let count = match s {
                        Status::Expiring => expiring,
                        Status::Issued => each - expiring,
                        _ => 0,
                    };
                    (s.to_string(), count as u64)
                })
                .collect(),
            expiry_weeks: vec![each as u64 / 53; 53],
            total: each as u64,
            configs: ["mail", "shops", "web"].map(str::to_owned).to_vec(),
        };
        for mount in 0..mounts {
            for (status, range) in [
                (Status::Expiring, 0..expiring),
                (Status::Issued, expiring..each),
            ] {
                let mut rows: Vec<InventoryRow> = range.map(|n| row(mount, n, status)).collect();
                rows.sort_by_key(|row| row.expiration);
                // As the dashboard asks: a small page first, then large ones.
                for (limit, starts) in [
                    (200, vec![0]),
                    (1000, (0..=rows.len()).step_by(1000).collect::<Vec<_>>()),
                    (1000, (200..=rows.len().max(200)).step_by(1000).collect()),
                ] {
                    for from in starts {
                        let to = (from + limit).min(rows.len());
                        let next = if to < rows.len() {
                            to.to_string()
                        } else {
                            String::new()
                        };
                        let page = InventoryAnswer {
                            certificates: rows[from.min(to)..to].to_vec(),
                            next,
                            summary: summary.clone(),
                        };
                        let key = (format!("mount-{mount:02}"), status.to_string(), from, limit);
                        pages.insert(key, serde_json::to_string(&page).unwrap());
                    }
                }
            }
        }
        let empty = InventoryAnswer {
            summary,
            ..InventoryAnswer::default()
        };
        Self {
            mounts,
            pages,
            empty: serde_json::to_string(&empty).unwrap(),
        }
    }
}

#[async_trait]
impl Source for Memory {
    fn place(&self) -> Place {
        Place {
            address: "memory".to_owned(),
            namespace: String::new(),
        }
    }
    async fn mounts(&self) -> Answer<Vec<String>> {
        Ok((0..self.mounts).map(|n| format!("mount-{n:02}")).collect())
    }
    async fn inventory(&self, mount: &str, query: &PageQuery) -> Answer<InventoryAnswer> {
        let status = query.status.map(|s| s.to_string()).unwrap_or_default();
        let key = (
            mount.to_owned(),
            status,
            query.after.parse().unwrap_or(0),
            query.limit,
        );
        let text = self.pages.get(&key).unwrap_or(&self.empty);
        tokio::task::yield_now().await;
        Ok(serde_json::from_str(text).unwrap())
    }
    async fn certificate(&self, _: &CertKey) -> Answer<CertificateAnswer> {
        Ok(CertificateAnswer::default())
    }
    async fn orders(&self, _: &str) -> Answer<Vec<OrderAnswer>> {
        Ok(Vec::new())
    }
    async fn order(&self, _: &str, _: &str, id: &str) -> Answer<OrderAnswer> {
        Err(SourceError::NotFound(id.to_owned()))
    }
    async fn health(&self, _: &str) -> Answer<HealthAnswer> {
        Ok(HealthAnswer {
            healthy: true,
            ..HealthAnswer::default()
        })
    }
    async fn server(&self) -> Answer<ServerInfo> {
        Ok(ServerInfo::default())
    }
    async fn token(&self) -> Answer<TokenInfo> {
        Ok(TokenInfo::default())
    }
    async fn renew_token(&self) -> Answer<TokenInfo> {
        Ok(TokenInfo::default())
    }
    async fn use_token(&self, _: Secret) -> Answer<TokenInfo> {
        Ok(TokenInfo::default())
    }
    async fn capabilities(&self, paths: Vec<String>) -> Answer<BTreeMap<String, Vec<String>>> {
        Ok(paths
            .into_iter()
            .map(|path| (path, vec!["root".to_owned()]))
            .collect())
    }
    async fn act(&self, _: &Request) -> Answer<Done> {
        Ok(Done::default())
    }
}

/// Resident memory of this process in megabytes; `None` where the system does not tell.
fn resident() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1e6)
}

fn run(mounts: usize, each: usize) -> (Figures, Option<f64>) {
    let memory = Arc::new(Memory::new(mounts, each));
    let before = resident();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let pause = Duration::from_millis(15);
    let figures = runtime
        .block_on(measure(memory, (200, 50), pause, Duration::from_secs(8)))
        .unwrap();
    let grown = before.zip(resident()).map(|(before, after)| after - before);
    (figures, grown)
}

fn main() {
    for (mounts, each) in [(3, 100), (20, 2500)] {
        let (figures, grown) = run(mounts, each);
        let at = |share: f64| {
            let index = (figures.keys.len() as f64 * share) as usize;
            figures
                .keys
                .get(index.min(figures.keys.len().saturating_sub(1)))
                .copied()
                .unwrap_or_default()
        };
        println!(
            "tui {:>6} rows in {mounts:>2} mounts: first rows {:>6.1} ms; key to frame p50 {:.2} ms, p99 {:.2} ms, \
             longest {:.2} ms ({} keys, {} refreshes of all rows meanwhile); memory for them {}",
            figures.rows,
            figures.first_rows.as_secs_f64() * 1e3,
            at(0.5).as_secs_f64() * 1e3,
            at(0.99).as_secs_f64() * 1e3,
            at(1.0).as_secs_f64() * 1e3,
            figures.keys.len(),
            figures.refreshes,
            grown.map_or("unknown".to_owned(), |mb| format!("{mb:.0} MB")),
        );
    }
}
