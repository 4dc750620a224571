//! A panic while the dashboard is open: the terminal is given back first, then the whole message is printed.
//!
//! Nothing in the program can make it panic on purpose, so this test binary runs the dashboard itself in a terminal of
//! its own, on a [`Source`] that panics. `show`, the screen and the panic hook are those of the program.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use portable_pty::CommandBuilder;
use sectigo_vault_pki::tui::source::{
    CertKey, Done, PageQuery, Request, ServerAddress, ServerInfo, Source, SourceError, TokenInfo,
};
use sectigo_vault_pki::tui::{Settings, show};
use svpki_types::Secret;
use svpki_types::api::{
    CertificateResponse, ConfigHealth, DomainResponse, HealthResponse, InventoryResponse,
    OrderResponse,
};

use crate::pty::Pty;

const WHERE: &str = "SVPKI_TEST_PANIC";
const MESSAGE: &str = "this is why the dashboard broke";

/// Answers nothing and panics, in the drawing loop or in a task.
struct Broken {
    in_the_loop: bool,
}

type Answer<T> = Result<T, SourceError>;

fn nothing<T>() -> Answer<T> {
    Err(SourceError::Refused("nothing here".to_owned()))
}

#[async_trait]
impl Source for Broken {
    fn server_address(&self) -> ServerAddress {
        // Called by the drawing loop when the screen has been taken over already.
        assert!(!self.in_the_loop, "{MESSAGE}");
        ServerAddress::default()
    }
    async fn mounts(&self) -> Answer<Vec<String>> {
        // Called in a task; panics after some frames.
        tokio::time::sleep(Duration::from_millis(300)).await;
        panic!("{MESSAGE}");
    }
    async fn inventory(&self, _: &str, _: &PageQuery) -> Answer<InventoryResponse> {
        nothing()
    }
    async fn certificate(&self, _: &CertKey) -> Answer<CertificateResponse> {
        nothing()
    }
    async fn orders(&self, _: &str) -> Answer<Vec<OrderResponse>> {
        nothing()
    }
    async fn order(&self, _: &str, _: &str, _: &str) -> Answer<OrderResponse> {
        nothing()
    }
    async fn domains(&self, _: &str) -> Result<Vec<DomainResponse>, SourceError> {
        Ok(Vec::new())
    }
    async fn health(&self, _: &str) -> Answer<HealthResponse> {
        nothing()
    }
    async fn check_account(&self, _: &str, _: &str) -> Answer<ConfigHealth> {
        nothing()
    }
    async fn server(&self) -> Answer<ServerInfo> {
        nothing()
    }
    async fn token(&self) -> Answer<TokenInfo> {
        nothing()
    }
    async fn renew_token(&self) -> Answer<TokenInfo> {
        nothing()
    }
    async fn use_token(&self, _: Secret) -> Answer<TokenInfo> {
        nothing()
    }
    async fn capabilities(&self, _: Vec<String>) -> Answer<BTreeMap<String, Vec<String>>> {
        nothing()
    }
    async fn act(&self, _: &Request) -> Answer<Done> {
        nothing()
    }
}

/// Not a test by itself: `panics_in` runs it in a terminal of its own.
#[tokio::test(flavor = "multi_thread")]
async fn dashboard_that_panics() {
    let Ok(place) = std::env::var(WHERE) else {
        return;
    };
    let source = Broken {
        in_the_loop: place == "loop",
    };
    let settings = Settings {
        mouse: true,
        ..Settings::default()
    };
    show(Arc::new(source), settings, "svpki-panics")
        .await
        .expect("the error of a broken task");
}

fn panics_in(place: &str) -> Pty {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "panics::dashboard_that_panics", "--nocapture"]);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env(WHERE, place);
    command.cwd(Path::new("/"));
    let mut pty = Pty::spawn(command, 100, 30);
    assert_ne!(pty.ends().exit_code(), 0);
    pty
}

fn is_as_before(pty: &Pty) {
    assert!(pty.raw().contains("\x1b[?1049h"), "the page was opened");
    assert!(pty.is_restored(), "{}", pty.text());
    let (taken, after) = pty
        .raw()
        .rsplit_once("\x1b[?1049l")
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .expect("the page was left");
    assert!(taken.contains("\x1b[?1002h"), "the mouse was taken");
    assert!(taken.contains("\x1b[?1002l"), "the mouse was given back");
    assert!(taken.contains("\x1b[?2004l"), "pasting is as before");
    assert!(!taken.contains(MESSAGE) && after.contains(MESSAGE));
    assert!(!after.contains("\x1b[?2026h"), "no frame comes after it");
    assert!(pty.text().contains(MESSAGE), "{}", pty.text());
}

#[test]
fn a_panic_in_the_loop_gives_the_terminal_back() {
    is_as_before(&panics_in("loop"));
}

#[test]
fn a_panic_in_a_task_gives_the_terminal_back() {
    let pty = panics_in("task");
    is_as_before(&pty);
    assert!(pty.text().contains("a background task broke") || pty.text().contains("Broken"));
}
