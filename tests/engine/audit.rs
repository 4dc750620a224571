//! The server's audit device fails on an answer: the server keeps the answer back, and its caller asks again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::until;
use crate::test_mount::{PATIENCE, TestMount};

/// An audit device that takes every line, until it hangs up over the request for an order.
struct Device {
    address: SocketAddr,
    hangs_up: Arc<AtomicBool>,
}

impl Device {
    /// Ends when it has hung up: nobody listens there any more.
    fn serve(&self, listener: TcpListener) -> JoinHandle<()> {
        let hangs_up = Arc::clone(&self.hangs_up);
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                if read(connection, &hangs_up).await {
                    return;
                }
            }
        })
    }
}

/// Answers whether it has hung up.
async fn read(connection: TcpStream, hangs_up: &AtomicBool) -> bool {
    let mut lines = BufReader::new(connection).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        let path = line["request"]["path"].as_str().unwrap_or_default();
        if line["type"] == "request"
            && path.contains("/enroll/")
            && hangs_up.swap(false, Ordering::AcqRel)
        {
            // Closed with a reset, so that the next write to it fails at once.
            let connection = lines.into_inner().into_inner();
            connection.set_zero_linger().unwrap();
            return true;
        }
    }
    false
}

async fn approve_the_order(test: &TestMount) {
    let mut order = None;
    until("SCM has the order", PATIENCE, async || {
        order = test.orders_at_scm("").await.pop();
        order.is_some()
    })
    .await;
    let path = format!("orders/{}/approve", order.unwrap()["id"]);
    test.control("POST", &path, Value::Null).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_the_audit_device_keeps_back_costs_no_second_order_and_no_key() {
    let port = dev_server::free_port().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let device = Device {
        address: listener.local_addr().unwrap(),
        hangs_up: Arc::default(),
    };
    let serving = device.serve(listener);
    let test = TestMount::audited_by(format!(
        "audit \"socket\" \"only\" {{ options {{ address = \"{}\" socket_type = \"tcp\" }} }}",
        device.address
    ))
    .await;
    test.config("web", json!({"key_storage": "once"})).await;
    // Issued only once the device is gone: until it has read the request's line, an answer would reach it.
    test.rules(json!([{"call": "enroll", "approval": true}]))
        .await;
    let body = json!({"common_name": "audited.example.com", "key_type": "EC", "sectigo_max_timeout": 120,
        "sectigo_loop_period": 1});
    device.hangs_up.store(true, Ordering::Release);
    let (lost, ()) = tokio::join!(test.write("enroll/web", body.clone()), async {
        serving.await.unwrap();
        approve_the_order(&test).await;
    });
    assert_eq!(
        lost.status, 500,
        "the server keeps the answer back: {lost:?}"
    );
    assert_eq!(test.orders_at_scm("").await.len(), 1, "it was ordered");

    let _serving = device.serve(TcpListener::bind(device.address).await.unwrap());
    let answer = test.write("enroll/web", body).await.good();
    assert_eq!(test.orders_at_scm("").await.len(), 1, "ordered once");
    assert!(!answer.text("private_key").is_empty());
    assert!(
        answer.warnings().contains("nothing was ordered now"),
        "{answer:?}"
    );
}
