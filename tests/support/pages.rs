//! A server that answers `inventory` as the plugin does, page by page, for certificates that it makes up: a hundred
//! thousand of them cost nothing to have.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{Query, State};
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use svpki_types::Status;
use svpki_types::api::{InventoryResponse, InventoryRow, InventorySummary};
use tokio::sync::watch;

/// Dropping it ends the server.
pub struct Pages {
    /// For `VAULT_ADDR`; the mount is `pki`.
    pub address: String,
    book: Arc<Book>,
    server: tokio::task::JoinHandle<()>,
}

struct Book {
    total: usize,
    asked: AtomicUsize,
    open: watch::Sender<bool>,
}

impl Pages {
    /// So many certificates; while it is `held`, no page but the first is answered.
    pub async fn serve(total: usize, held: bool) -> Self {
        let book = Arc::new(Book {
            total,
            asked: AtomicUsize::new(0),
            open: watch::Sender::new(!held),
        });
        let app = Router::new()
            .route("/v1/pki/inventory", get(page))
            .with_state(Arc::clone(&book));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            book,
            server,
        }
    }

    /// Pages that were asked for so far.
    pub fn asked(&self) -> usize {
        self.book.asked.load(Ordering::SeqCst)
    }

    /// Answers the pages that were held back, and all that follow.
    pub fn release(&self) {
        self.book.open.send_replace(true);
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn page(
    State(book): State<Arc<Book>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<Value> {
    book.asked.fetch_add(1, Ordering::SeqCst);
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let from = number("after").unwrap_or(0);
    if from > 0 {
        let mut open = book.open.subscribe();
        open.wait_for(|open| *open).await.unwrap();
    }
    let to = (from + number("limit").unwrap_or(100)).min(book.total);
    let answer = InventoryResponse {
        certificates: (from..to).map(row).collect(),
        next: if to < book.total {
            to.to_string()
        } else {
            String::new()
        },
        summary: InventorySummary {
            status: BTreeMap::from([("issued".to_owned(), book.total as u64)]),
            expiry_weeks: vec![0; 53],
            total: book.total as u64,
            configs: vec!["web".to_owned()],
        },
    };
    Json(json!({"data": answer}))
}

/// The id of the certificate at a place of the list.
pub fn id(number: usize) -> String {
    format!("{}_example", 1_000_000 + number)
}

fn row(number: usize) -> InventoryRow {
    let name = format!("host-{number}.department.example.com");
    InventoryRow {
        role: None,
        id: id(number),
        config: "web".to_owned(),
        status: Some(Status::Issued),
        subject_alt_names: vec![name.clone(), format!("www.{name}")],
        common_name: name,
        serial_number: format!("5a:{number:08x}:c3:00:11:22:33:44:55:66:77:88"),
        not_before: "2026-11-01T00:00:00Z".to_owned(),
        not_after: "2027-05-19T23:59:59Z".to_owned(),
        expiration: 1_810_771_199,
        key_type: "EC P-256".to_owned(),
        has_key: true,
        profile_id: Some(51),
        kind: "ssl_cert".to_owned(),
        issuer: "CN=Example Issuing CA".to_owned(),
        renew_at: Some("2027-03-14T00:00:00Z".to_owned()),
        ..InventoryRow::default()
    }
}
