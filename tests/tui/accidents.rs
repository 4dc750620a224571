//! Nothing is ordered, revoked or written by accident. Uses the real program in a real terminal and the simulated SCM,
//! which reports at the end how many orders it received.

use serde_json::json;

use crate::live::{FIRST, control, dashboard, environment_of, nothing_by_itself, orders_at_scm};

/// What somebody may type or paste in the belief that the filter is open.
const TYPED: [&str; 9] = [
    "star\r",
    "sar\r",
    "router\r",
    "ry\r",
    "registry.example.com\r",
    "ap\rduty.example.com\r",
    "nyc.example.com\ry",
    ":renew\ry",
    "export.example.com\r",
];

#[tokio::test(flavor = "multi_thread")]
async fn host_names_typed_and_pasted_without_the_filter_order_nothing() {
    let stage = environment_of(40).await;
    nothing_by_itself(&stage).await;
    let home = tempfile::tempdir().unwrap();
    let before = orders_at_scm(&stage.sim).await;
    let (address, token) = (stage.server.address(), stage.server.token());

    for keys in TYPED {
        // Typed by hand, on Today and on Certificates.
        for page in ["1", "2"] {
            let mut tui = dashboard(&home, address, token, &[]);
            tui.sees(FIRST);
            tui.press(page);
            tui.blindly(keys);
            tui.confirm("\r");
            tui.press("\r");
        }
        // As a paste that is not bracketed: all keys at once.
        let mut tui = dashboard(&home, address, token, &[]);
        tui.sees(FIRST);
        tui.send(keys);
        tui.confirm("\r");
        tui.press("\r");
    }
    let mut tui = dashboard(&home, address, token, &[]);
    tui.sees(FIRST);
    let lines = ["www", "api", "ry", "arena", "export", "mail"];
    tui.send(&lines.map(|host| format!("{host}.example.com\r")).concat());
    tui.confirm("\r");
    tui.press("\r");
    drop(tui);

    // Keys that arrive together, or before the dialog can have been read, must not confirm it.
    let mut tui = dashboard(&home, address, token, &[]);
    tui.sees(FIRST);
    tui.press("r");
    tui.sees("y: renew");
    tui.confirm("yy");
    tui.sees("y: renew");
    tui.confirm("\r");
    tui.sees("press y to renew");
    tui.send("\x1b");
    tui.no_longer_sees("y: renew");

    // To renew all certificates shown, their number must be typed by hand.
    tui.press("a");
    tui.sees("marked: all");
    tui.press("r");
    tui.sees("Places ");
    tui.sees("ctrl-d keeps only the due ones");
    tui.confirm("\r");
    tui.sees("nothing done: type");
    tui.send("\x1b");
    tui.no_longer_sees("Places ");
    drop(tui);

    assert_eq!(orders_at_scm(&stage.sim).await, before, "orders at SCM");
    let written: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("certificates"))
        .collect();
    assert!(written.is_empty(), "{written:?}");
    stage.clear().await.unwrap();
}

/// A filter with a mistake used to be kept: it showed every row, and `a` then marked every row.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_with_a_mistake_is_not_kept_and_shows_nothing() {
    let stage = environment_of(20).await;
    nothing_by_itself(&stage).await;
    let home = tempfile::tempdir().unwrap();
    let before = orders_at_scm(&stage.sim).await;
    for line in [
        "exp<30",
        "-status:issued",
        "ends<7d",
        "subject:www",
        "key:rsa",
    ] {
        let mut tui = dashboard(&home, stage.server.address(), stage.server.token(), &[]);
        tui.sees(FIRST);
        tui.press("/");
        tui.types(line);
        tui.send("\r");
        tui.sees("This filter is not understood");
        assert!(!tui.text().contains(FIRST), "{line}:\n{}", tui.text());
        tui.blindly("ar\r");
        tui.confirm("\r");
        assert!(!tui.text().contains("Renew "), "{line}:\n{}", tui.text());
        tui.send("\x1b");
        tui.sees(FIRST);
    }
    assert_eq!(orders_at_scm(&stage.sim).await, before, "orders at SCM");
    stage.clear().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_y_is_one_order_and_x_stops_many() {
    let stage = environment_of(30).await;
    nothing_by_itself(&stage).await;
    let home = tempfile::tempdir().unwrap();
    let before = orders_at_scm(&stage.sim).await;
    let mut tui = dashboard(&home, stage.server.address(), stage.server.token(), &[]);
    tui.sees(FIRST);
    tui.press("/");
    tui.types("status:issued mount:sectigo-vault-pki");
    tui.applies();
    tui.sees("row 1 of ");
    tui.no_longer_sees(FIRST);
    tui.press("r");
    tui.sees("serial");
    tui.sees("y: renew");
    tui.confirm("y");
    tui.sees("ok: new ID");
    assert_eq!(orders_at_scm(&stage.sim).await, before + 1);
    tui.send("\x1b");
    tui.no_longer_sees("ok: new ID");

    control(
        &stage.sim,
        "PUT",
        "rules",
        json!([{"call": "renew", "slow": "4s"}]),
    )
    .await;
    let before = orders_at_scm(&stage.sim).await;
    tui.press("a");
    tui.sees("marked: all");
    tui.press("r");
    tui.sees("paid orders");
    let text = tui.text();
    let (_, rest) = text.split_once("Renew ").unwrap();
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    assert!(number.parse::<usize>().unwrap() > 4, "{text}");
    tui.types(&number);
    tui.confirm("\r");
    tui.sees("in progress");
    tui.confirm("x");
    tui.sees("not sent: stopped");
    tui.until("its end", |pty| {
        let text = pty.text();
        text.contains(" stopped ") && !text.contains("in progress")
    });
    let text = tui.text();
    let (_, outcome) = text.split_once("renew: ").unwrap();
    let done: usize = outcome.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(orders_at_scm(&stage.sim).await, before + done, "{text}");
    stage.clear().await.unwrap();
}
