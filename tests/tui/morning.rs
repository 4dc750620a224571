//! Everything that needs somebody is on the first screen in the morning, and leads to where it can be settled.

use serde_json::json;

use crate::live::{SVPKI_PATIENCE, bare, control, first_page};

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_somebody_stands_on_the_first_screen() {
    let mut stage = bare().await;
    let window = |auto: bool| json!({"sectigo_expiry_window": "21", "sectigo_auto_renew": auto});
    stage.config("web", &window(true)).await.unwrap();
    stage.config("manual", &window(false)).await.unwrap();
    let enroll = |name: &str, profile: u32, wait: u32| {
        json!({
            "common_name": name, "key_type": "EC", "key_bits": "P-256",
            "profile_id": profile, "term": 199, "sectigo_max_timeout": wait,
        })
    };
    // Two certificates that expire in four days: SCM refuses to renew one, and automatic renewal is off for the other.
    let refused = json!([{
        "call": "renew",
        "error": {"status": 400, "code": -180, "description": "Credits used up"},
    }]);
    control(&stage.sim, "PUT", "rules", refused).await;
    control(&stage.sim, "POST", "clock", json!({"advance": "-195d"})).await;
    for (config, name) in [
        ("web", "fails.example.com"),
        ("manual", "quiet.example.com"),
    ] {
        let fields = enroll(name, 51, 60);
        stage.engine.enroll(config, &fields).await.unwrap();
    }
    control(&stage.sim, "POST", "clock", json!({"advance": "195d"})).await;
    // A domain whose validation ends before the renewal that needs it.
    let short = json!({"name": "lapsing.example.net", "valid_for": "60d"});
    control(&stage.sim, "PUT", "domains", short).await;
    let fields = enroll("www.lapsing.example.net", 51, 60);
    stage.engine.enroll("web", &fields).await.unwrap();
    // An order that somebody has to approve.
    let order = stage
        .engine
        .enroll("web", &enroll("careers.example.com", 55, 0))
        .await
        .unwrap()
        .value;
    let path = stage.engine.path(&format!("orders/web/{}", order.order_id));
    stage
        .engine
        .server()
        .write(&path, &json!({}))
        .await
        .unwrap();
    // An account whose login SCM refuses.
    let mut dead = window(false);
    dead["sectigo_cm_password"] = json!("wrong");
    stage.config("dead", &dead).await.unwrap();

    // The plugin's background run starts once a minute.
    let start = std::time::Instant::now();
    loop {
        let rows = stage
            .engine
            .inventory(&Default::default())
            .await
            .unwrap()
            .value;
        let failed = rows
            .certificates
            .iter()
            .any(|row| row.renew_error.is_some());
        let health = stage.engine.health().await.unwrap().value;
        let dead = health.configs.get("dead");
        let told = dead.is_some_and(|c| !c.checked.is_empty() && !c.login_accepted);
        let blocked = rows
            .certificates
            .iter()
            .any(|row| row.renew_blocked.is_some());
        if failed && told && blocked {
            let row = rows
                .certificates
                .iter()
                .find(|row| row.renew_error.is_some());
            assert!(row.unwrap().renew_retry_at.is_some());
            break;
        }
        assert!(start.elapsed() < SVPKI_PATIENCE, "{rows:?}\n{health:?}");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }

    for size in [(80, 24), (120, 40)] {
        let home = tempfile::tempdir().unwrap();
        let (address, token) = (stage.server.address(), stage.server.token());
        let mut tui = first_page(&home, address, token, &[], size);
        for words in [
            "Expires within 7 days and will not renew",
            "fails.example.com",
            "renewal failed",
            "quiet.example.com",
            "automatic renewal is off",
            "Waits for you",
            "careers.example.com",
            "approval in SCM",
            "Accounts, domains and mounts in trouble",
            "account of config dead",
            "domain lapsing.example.net",
            "1 renewal blocked",
            "Changed since yesterday",
            "Health !",
        ] {
            tui.sees(words);
        }
        // Each line opens the page where it can be settled, and Esc returns.
        tui.send("g\r");
        tui.sees("Lineage");
        tui.send("\x1b");
        tui.sees("Waits for you");
        tui.send("jj\r");
        tui.sees("WAITS FOR");
        tui.sees("careers.example.com");
        tui.press("1");
        tui.sees("Waits for you");
        tui.send("gjjj\r");
        tui.sees("login refused");
        tui.send("\x1b");
        tui.sees("Waits for you");
        tui.send("Gk\r");
        tui.sees_only_row();
        tui.sees("renewal:blocked");
        tui.sees("www.lapsing.example.net");
        tui.send("\x1b");
        tui.sees("Waits for you");
        // The certificate whose renewal failed can be counted, found and opened.
        tui.press("2");
        tui.sees("1 renewal failed");
        tui.send("\x1b");
        tui.sees("Filter, e.g.");
        tui.press("/");
        tui.types("renewal:failed");
        tui.applies();
        tui.sees_only_row();
        tui.press("\r");
        tui.sees("-180");
        tui.sees("next try");
        tui.press("t");
        tui.sees("Waits for you");
    }
    stage.clear().await.unwrap();
}
