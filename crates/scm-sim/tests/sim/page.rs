//! The page in a real browser: Chromium without a window, steered over its debugging pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Scm, until};

struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Value,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens the address in a window of 1200 by 900.
    fn open(url: &str) -> Self {
        let program = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|program| {
                let version = Command::new(program).arg("--version").output();
                version.is_ok_and(|output| output.status.success())
            })
            .expect("this test drives the page in a real browser: install Chromium (apt-get install chromium)");
        let profile = tempfile::tempdir().unwrap();
        // The pipe's ends are descriptors 3 and 4 of the browser; a shell puts them there.
        let mut child = Command::new("sh")
            .arg("-c")
            .arg("exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1")
            .args([
                "sh",
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--remote-debugging-pipe",
                "--window-size=1200,900",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut browser = Self {
            child,
            to,
            from,
            session: Value::Null,
            last: 0,
            _profile: profile,
        };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        browser.session = browser.ask("Target.attachToTarget", attach)["sessionId"].clone();
        browser.ask("Page.enable", json!({}));
        browser.ask("Page.navigate", json!({ "url": url }));
        browser
    }

    /// One command, and its result; events in between are passed over.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        loop {
            let mut message = Vec::new();
            self.from.read_until(0, &mut message).unwrap();
            assert_eq!(message.pop(), Some(0), "the browser ended");
            let message: Value = serde_json::from_slice(&message).unwrap();
            if message["id"] == self.last {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let result = self.ask("Runtime.evaluate", params);
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    fn text(&mut self) -> String {
        let text = self.eval("document.body ? document.body.innerText : ''");
        text.as_str().unwrap().to_owned()
    }

    fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.text().contains(text) {
            assert!(
                Instant::now() < deadline,
                "{text:?} never came: {}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses the mouse in the middle of the element, as a person does.
    fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        );
        let place = self.eval(&place);
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", params);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_orders_and_calls_and_presses_approve_and_decline() {
    let scm = Scm::start().await;
    let waiting = json!({ "certType": 55 });
    let yes = scm.enrolled_with("yes.example.com", waiting.clone()).await;
    let no = scm.enrolled_with("no.example.com", waiting.clone()).await;
    let name = "<script>document.title = 'owned'</script>";
    scm.rule(json!({ "name": name, "call": "details", "slow": "1ms" }))
        .await;
    scm.get("/api/ssl/v1/4040").await;
    let mut browser = Browser::open(&scm.sim.base_url);
    for text in [
        "yes.example.com",
        "no.example.com",
        "Requested, waits for approval",
        "POST /api/ssl/v1/enroll",
        "-5101 Certificate not found",
        name,
    ] {
        browser.wait_for(text);
    }
    assert_eq!(
        browser.eval("document.scripts.length"),
        1,
        "what orders and calls say is text"
    );
    assert_eq!(browser.eval("document.title"), "scm-sim");
    browser.click(&format!("button[data-order='{yes}'][data-step='approve']"));
    until("the approved order is issued", async || {
        scm.status(yes).await == "Issued"
    })
    .await;
    // The other row moves when the page shows that.
    browser.wait_for("Issued");
    browser.click(&format!("button[data-order='{no}'][data-step='decline']"));
    until("the other is declined", async || {
        scm.status(no).await == "Declined"
    })
    .await;
    browser.wait_for("Declined");
    browser.wait_for("Issued");
    for width in [1200, 480] {
        let window =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        browser.ask("Emulation.setDeviceMetricsOverride", window);
        for cell in ["#orders td.long", "#orders td.state"] {
            let lines = format!(
                "(() => {{ const range = document.createRange(); \
                 range.selectNodeContents(document.querySelector('{cell}')); \
                 return range.getClientRects().length; }})()"
            );
            let lines = browser.eval(&lines);
            assert_eq!(lines, 1, "{cell} fits into a line, {width} pixels");
        }
    }
    browser.ask("Emulation.clearDeviceMetricsOverride", json!({}));
    scm.advance("91d").await;
    browser.wait_for("Expired");
    let gone = format!("document.querySelector(\"button[data-order='{yes}']\")");
    assert_eq!(browser.eval(&gone), Value::Null, "nothing is left to press");
    if let Ok(path) = std::env::var("SCM_SIM_PAGE_PNG") {
        let shot = browser.ask("Page.captureScreenshot", json!({}));
        use base64::Engine as _;
        let png = base64::engine::general_purpose::STANDARD
            .decode(shot["data"].as_str().unwrap())
            .unwrap();
        std::fs::write(path, png).unwrap();
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let scm = Scm::start().await;
    for path in ["/", "/page.js", "/page.css"] {
        let answer = scm.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'self'"
        );
        assert!(!answer.text().contains("http://") && !answer.text().contains("https://"));
    }
}
