//! A list of any length: rows are shown as they come, and are not kept.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use super::harness::svpki;
use super::pages::{Pages, id};

/// The rows that `svpki` asks for at a time.
const PAGE: usize = 500;

fn list(pages: &Pages, format: &str) -> Child {
    let home = std::env::temp_dir();
    svpki(&home, &format!("certs list --mount pki -o {format}"))
        .env("VAULT_ADDR", &pages.address)
        .env("VAULT_TOKEN", "any")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_shown_before_the_next_one_is_there() {
    const ROWS: usize = 2 * PAGE + 7;
    for format in ["table", "json", "yaml", "csv"] {
        let pages = Pages::serve(ROWS, true).await;
        let mut child = list(&pages, format);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (text, out) = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            while !text.contains(&id(PAGE - 1)) {
                let here = out.fill_buf().unwrap();
                assert!(!here.is_empty(), "it ended after {text}");
                text.push_str(std::str::from_utf8(here).unwrap());
                let read = here.len();
                out.consume(read);
            }
            (text, out)
        })
        .await
        .unwrap();
        assert!(!text.contains(&id(PAGE)), "{format}: not answered yet");
        assert!(pages.asked() <= 2, "{format}: one page after the other");
        pages.release();
        let rest = tokio::task::spawn_blocking(move || {
            let (mut out, mut rest) = (out, String::new());
            out.read_to_string(&mut rest).unwrap();
            rest
        })
        .await
        .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}");
        let all = text + &rest;
        for number in [0, PAGE, ROWS - 1] {
            assert_eq!(all.matches(&id(number)).count(), 1, "{format}: {number}");
        }
        assert_eq!(pages.asked(), 3, "{format}");
        match format {
            "json" => {
                let rows: Vec<serde_json::Value> = serde_json::from_str(&all).unwrap();
                assert_eq!(rows.len(), ROWS);
            }
            "yaml" => assert_eq!(all.matches("- id: ").count(), ROWS),
            // The head is one more.
            _ => assert_eq!(all.lines().count(), ROWS + 1, "{format}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_does_not_grow_with_the_list() {
    for format in ["table", "json", "yaml", "csv"] {
        let mut peaks = Vec::new();
        for rows in [PAGE, 24 * PAGE] {
            let pages = Pages::serve(rows, false).await;
            let mut child = list(&pages, format);
            let mut out = child.stdout.take().unwrap();
            let drain =
                tokio::task::spawn_blocking(move || std::io::copy(&mut out, &mut std::io::sink()));
            let mut peak = 0;
            let status = loop {
                peak = peak_kib(child.id()).unwrap_or(peak);
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            };
            drain.await.unwrap().unwrap();
            assert!(status.success());
            peaks.push(peak);
        }
        // Twelve thousand rows would be more than twelve MiB.
        let more = peaks[1].saturating_sub(peaks[0]);
        assert!(more < 6 * 1024, "{format}: {peaks:?} KiB");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_for_pages_that_nobody_reads() {
    let pages = Pages::serve(200 * PAGE, false).await;
    let mut child = list(&pages, "csv");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let first = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        line
    })
    .await
    .unwrap();
    assert!(first.starts_with("common_name,"), "{first}");
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(pages.asked() < 100, "{} pages", pages.asked());
}

/// The most memory that a process held so far.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}
