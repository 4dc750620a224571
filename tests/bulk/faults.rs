//! Runs that continue after a fault: a network failure, a seal, a lost leader, a busy SCM, a full disk.

use std::process::Command;
use std::time::Duration;

use scm_sim::{Options, Sim};
use serde_json::json;
use tempfile::TempDir;

use crate::cuts::{end, everything_once, reaches, sent, start};
use crate::link::Link;
use crate::stage::{Stage, control, hosts, result_rows, svpki};
use crate::support::cluster::Cluster;
use crate::support::{plugin, until};

const WITHIN: Duration = Duration::from_secs(60);

/// How many rows the journal has recorded as ended.
fn ended(journal: &std::path::Path) -> usize {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    text.matches("\"event\":\"ended\"").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_cut_and_mended_costs_no_row() {
    let stage = Stage::open().await;
    let link = Link::to(stage.server.address()).await;
    let file = stage.file("hosts.csv", hosts(50));
    let journal = stage.path("hosts.web.svpki-journal");
    let mut command = stage.svpki(&["apply", "--yes", "--concurrency", "4"], &file);
    command.env("BAO_ADDR", link.address());
    let mut run = start(command);
    for _ in 0..3 {
        assert!(reaches(&mut run, &journal, 8).await);
        link.cut();
        tokio::time::sleep(Duration::from_millis(700)).await;
        // Each of the four concurrent rows was sent and has no answer.
        until("four rows in flight", WITHIN, async || {
            sent(&journal) == ended(&journal) + 4
        })
        .await;
        let so_far = sent(&journal);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(
            sent(&journal),
            so_far,
            "no row begins while nothing answers"
        );
        assert!(run.try_wait().unwrap().is_none());
        link.mend();
    }
    let ended = end(run).await.expect(0);
    assert!(
        ended.err.contains("asking again for up to")
            && ended.err.contains("the server answers again"),
        "a server that is away is said: {}",
        ended.err
    );
    everything_once(&stage, 50).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_server_is_waited_for() {
    let stage = Stage::open().await;
    let log = stage.server.log();
    let key = log
        .lines()
        .find_map(|line| line.trim().strip_prefix("Unseal Key:"))
        .expect("the unseal key of a dev server")
        .trim()
        .to_owned();
    let file = stage.file("hosts.csv", hosts(40));
    let journal = stage.path("hosts.web.svpki-journal");
    let args = ["apply", "--yes", "--concurrency", "4", "--wait", "100s"];
    let mut run = start(stage.svpki(&args, &file));
    assert!(reaches(&mut run, &journal, 10).await);
    let sealed = json!({});
    stage
        .server
        .must("PUT", "sys/seal", Some(&sealed))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(run.try_wait().unwrap().is_none(), "it waits");
    let key = json!({ "key": key });
    stage
        .server
        .must("PUT", "sys/unseal", Some(&key))
        .await
        .unwrap();
    end(run).await.expect(0);
    everything_once(&stage, 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_scm_is_obeyed_and_every_row_is_ordered_once() {
    let stage = Stage::open().await;
    let busy = json!([
        {"call": ["enroll"], "every": 4, "status": 429, "retry_after": 1},
        {"call": ["collect"], "every": 7, "status": 503, "body": "Service Unavailable"},
    ]);
    stage.rules(&busy).await;
    let file = stage.file("hosts.csv", hosts(24));
    let args = ["apply", "--yes", "--concurrency", "4", "--wait", "150s"];
    stage.run(&args, &file).await.expect(0);
    let calls = control(&stage.sim, "calls?call=enroll").await;
    let refused = calls.as_array().unwrap().iter();
    let refused = refused.filter(|call| call["status"] == 429).count();
    assert!(refused > 0, "SCM was never busy: {calls}");
    everything_once(&stage, 24).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loss_of_the_leader_costs_no_row() {
    let sim = Sim::start(Options::default()).await.unwrap();
    let mut cluster = Cluster::start(&plugin()).await;
    let leader = cluster.leader().await;
    let near = cluster.nodes().find(|node| *node != leader).unwrap();
    let at = |path: &str| format!("sectigo-vault-pki/{path}");
    until("the mount is everywhere", WITHIN, async || {
        cluster.request(near, "GET", &at("health"), None).await.0 == 200
    })
    .await;
    let config = json!({
        "sectigo_cm_base_url": sim.base_url, "sectigo_cm_uri": sim.customer_uri, "sectigo_cm_org_id": 123,
        "sectigo_cm_user": sim.login, "sectigo_cm_password": sim.password, "key_type": "EC",
        "sectigo_ssl_cert_type": 51, "sectigo_ssl_cert_validity": 90, "settle_after": "1s",
    });
    let (status, said) = cluster
        .request(leader, "POST", &at("configs/web"), Some(&config))
        .await;
    assert!(status < 300, "{said}");
    until("the config is replicated", WITHIN, async || {
        let path = at("configs/web");
        cluster.request(near, "GET", &path, None).await.0 == 200
    })
    .await;
    let home = TempDir::new().unwrap();
    let file = home.path().join("hosts.csv");
    std::fs::write(&file, hosts(40)).unwrap();
    let args = ["apply", "--yes", "--concurrency", "4", "--wait", "150s"];
    let (address, token) = (cluster.address(near).to_owned(), cluster.token().to_owned());
    let mut run = start(svpki(home.path(), &address, &token, &args, &file));
    assert!(reaches(&mut run, &home.path().join("hosts.web.svpki-journal"), 12).await);
    cluster.kill(leader);
    end(run).await.expect(0);
    let orders = control(&sim, "counters").await["ssl_orders"].clone();
    assert_eq!(orders, 40, "orders at SCM");
    let rows = result_rows(&home.path().join("hosts.web.result.csv"));
    let mut ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40, "{rows:?}");
    assert!(rows.iter().all(|row| row["status"] == "issued"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_run_before_an_order_that_it_could_not_note() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(150));
    // A limit on the size of files simulates a full disk. The journal is the first file that reaches it.
    let limited = |limit: &str| {
        let plain = stage.svpki(&["apply", "--yes", "--concurrency", "4"], &file);
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", limit])
            .arg(plain.get_program())
            .args(plain.get_args())
            .envs(plain.get_envs().filter_map(|(k, v)| Some((k, v?))))
            .current_dir(plain.get_current_dir().unwrap());
        command
    };
    // The limit is in blocks of 512 bytes.
    let ended = end(start(limited("64"))).await.expect(1);
    assert!(ended.err.contains("left undone"), "{}", ended.err);
    assert!(ended.err.contains("svpki-journal"), "{}", ended.err);
    let before = stage.orders_at_scm().await;
    let noted = sent(&stage.path("hosts.web.svpki-journal")) as u64;
    assert!(
        before > 0 && before <= noted,
        "{before} orders, {noted} noted"
    );
    assert!(before < 150);
    assert_eq!(result_rows(&stage.path("hosts.web.result.csv")).len(), 150);
    stage.run(&["apply", "--yes"], &file).await.expect(0);
    everything_once(&stage, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_found_before_the_first_order() {
    let stage = Stage::open().await;
    let file = stage.file("hosts.csv", hosts(3));
    let absent = stage.path("absent/hosts.csv");
    let args = ["apply", "--yes", "--result", absent.to_str().unwrap()];
    let ended = stage.run(&args, &file).await.expect(1);
    assert!(ended.err.contains("absent/hosts.csv"), "{}", ended.err);
    let taken = stage.file("taken", "a file, no folder");
    let args = ["apply", "--yes", "--out-dir", taken.to_str().unwrap()];
    let ended = stage.run(&args, &file).await.expect(1);
    assert!(ended.err.contains("taken"), "{}", ended.err);
    std::fs::create_dir(stage.path("other.web.svpki-journal")).unwrap();
    let other = stage.file("other.csv", hosts(3));
    let ended = stage.run(&["apply", "--yes"], &other).await.expect(1);
    assert!(
        ended.err.contains("other.web.svpki-journal"),
        "{}",
        ended.err
    );
    assert_eq!(stage.orders_at_scm().await, 0);
}
