//! The README's commands, run as they stand: each is typed into a shell in a folder that holds what the README speaks of.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dev_server::{end, free_port, server_binary};
use serde_json::{Value, json};

use super::dns::Dns;
use super::harness::{CliTestEnv, binary};
use crate::terminal::Terminal;

/// What runs in no test, and why.
const CANNOT_RUN: [(&str, &str); 4] = [
    (
        "make demo",
        "compiles the project, then runs svpki demo, which tests/cli and tests/tui run",
    ),
    ("make test", "is what runs this test"),
    ("make bench", "measures for many minutes"),
    ("make pictures", "writes into docs"),
];

/// Commands in the README's sentences, what is given for their words in capitals, and how each ends. A verb that is only
/// named must be one.
const IN_SENTENCES: [(&str, i32); 10] = [
    ("vault path-help sectigo-vault-pki/enroll/web", 0),
    ("vault plugin reload -plugin=sectigo-vault-pki", 0),
    ("svpki doctor --for team web", 0),
    ("svpki doctor --for monitor", 0),
    ("svpki check --by owner", 0),
    ("svpki check --within 30d", 0),
    ("svpki fetch web ID --owner NAME", 0),
    ("svpki reconcile CONFIG", 0),
    ("svpki reconcile web", 0),
    ("source <(svpki completions bash)", 0),
];

struct Readme {
    env: CliTestEnv,
    /// Those that have not been run yet.
    commands: Vec<String>,
    /// Those that stand in sentences.
    named: BTreeSet<String>,
    text: String,
    /// Words that stand for something of the reader's, and what they are here.
    ours: Vec<(String, String)>,
    path: OsString,
}

impl Readme {
    async fn open() -> Self {
        let env = CliTestEnv::at("sectigo-vault-pki").await;
        let (home, root) = (env.home.path(), Path::new(env!("CARGO_MANIFEST_DIR")));
        for folder in ["bin", "docs"] {
            std::fs::create_dir(home.join(folder)).unwrap();
        }
        let server = std::fs::canonicalize(server_binary().unwrap()).unwrap();
        std::os::unix::fs::symlink(server, home.join("bin/vault")).unwrap();
        std::os::unix::fs::symlink(root.join("examples"), home.join("examples")).unwrap();
        std::fs::copy(crate::support::plugin(), home.join("sectigo-vault-pki")).unwrap();
        std::fs::write(home.join("password.txt"), &env.stage.sim.password).unwrap();
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "Common name").unwrap();
        sheet.write(1, 0, "shop.example.com").unwrap();
        book.save(home.join("hosts.xlsx")).unwrap();
        let text = std::fs::read_to_string(root.join("README.md")).unwrap();
        let ours = [
            ("https://cert-manager.com", env.stage.sim.base_url.as_str()),
            ("sectigo_cm_uri=acme", "sectigo_cm_uri=example"),
            ("sectigo_cm_user=api", "sectigo_cm_user=admin"),
            ("sectigo_cm_org_id=1234", "sectigo_cm_org_id=123"),
            ("password=…", "password=open-sesame"),
        ];
        Self {
            commands: commands(&text),
            named: in_sentences(&text),
            text,
            path: path(home),
            ours: ours.map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
            env,
        }
    }

    /// The command of the README that begins so, with ours in place of the reader's words. It is run once.
    fn take(&mut self, start: &str) -> String {
        let at = self
            .commands
            .iter()
            .position(|command| command.starts_with(start))
            .unwrap_or_else(|| panic!("the README has no {start:?}: {:#?}", self.commands));
        let command = self.commands.remove(at);
        self.ours
            .iter()
            .fold(command, |line, (theirs, ours)| line.replace(theirs, ours))
    }

    fn shell(&self, command: &str) -> Command {
        let home = self.env.home.path();
        let mut shell = Command::new("bash");
        shell
            .args(["-o", "pipefail", "-c", command])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .env("PATH", &self.path)
            .env("VAULT_ADDR", self.env.stage.server.address())
            .env("VAULT_TOKEN", self.env.stage.server.token())
            .stdin(Stdio::null());
        shell
    }

    fn run(&mut self, start: &str) {
        self.ends(start, 0);
    }

    fn ends(&mut self, start: &str, code: i32) {
        let command = self.take(start);
        let output = self.shell(&command).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "$ {command}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn terminal(&mut self, start: &str) -> Terminal {
        let command = self.take(start);
        self.env.terminal_of("bash", &["-c", &command])
    }

    fn run_what_sentences_name(&mut self) {
        let all = commands(&self.text);
        for code in std::mem::take(&mut self.named) {
            let is_elsewhere = all.iter().any(|command| command.starts_with(&code))
                || CANNOT_RUN.iter().any(|(command, _why)| *command == code)
                || code == "bao write";
            if is_elsewhere || is_verb(&code) {
                continue;
            }
            let (_, end) = IN_SENTENCES
                .iter()
                .find(|(command, _)| *command == code)
                .unwrap_or_else(|| panic!("the README names {code:?}, which no test runs"));
            let id = self.env.run("certs list -o json").json()[0]["id"].clone();
            let words = [
                ("ID", id.as_str().unwrap()),
                ("NAME", "shop"),
                ("CONFIG", "web"),
            ];
            let command: Vec<&str> = code
                .split(' ')
                .map(|word| {
                    let ours = words.iter().find(|(theirs, _)| *theirs == word);
                    ours.map_or(word, |(_, ours)| *ours)
                })
                .collect();
            self.commands.push(command.join(" "));
            self.ends(&command.join(" "), *end);
        }
    }

    /// The policy that the README shows, as it stands.
    async fn policy_grants_certificates_and_no_key(&self) {
        let (_, block) = self.text.split_once("```hcl\n").unwrap();
        let policy = json!({"policy": block.split("```").next().unwrap()});
        let server = &self.env.stage.server;
        let path = "sys/policies/acl/viewer";
        server.must("PUT", path, Some(&policy)).await.unwrap();
        let token = self.env.token(&["viewer"]).await;
        let as_viewer = |command: &str| {
            let mut shell = self.shell(command);
            shell.env("VAULT_TOKEN", &token).output().unwrap()
        };
        for command in ["svpki certs list", "svpki certs read web shop.example.com"] {
            let seen = as_viewer(command);
            assert!(seen.status.success(), "{command}: {seen:?}");
        }
        for command in [
            "vault read sectigo-vault-pki/current/web/shop.example.com",
            "svpki certs export web shop.example.com --format pem_bundle",
        ] {
            let refused = as_viewer(command);
            assert!(!refused.status.success(), "{command}");
            let said = String::from_utf8_lossy(&refused.stdout).into_owned();
            assert!(!said.contains("PRIVATE KEY"), "{command}");
        }
    }

    async fn delete(&self, path: &str) {
        let server = &self.env.stage.server;
        server.must("DELETE", path, None).await.unwrap();
    }
}

/// The lines of the README's consoles, continued ones as one, without their remarks.
fn commands(readme: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut in_console = false;
    for line in readme.lines() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            line if in_console => match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push(command.to_owned()),
                (None, Some(command)) => {
                    command.push('\n');
                    command.push_str(line);
                }
                (None, None) => panic!("{line}"),
            },
            _ => {}
        }
    }
    for command in &mut commands {
        if let Some((words, _)) = command.split_once(" # ") {
            *command = words.trim_end().to_owned();
        }
    }
    commands
}

/// Commands between backquotes, over the ends of lines, too.
fn in_sentences(readme: &str) -> BTreeSet<String> {
    let sentences: String = readme.split("```").step_by(2).collect();
    sentences
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|code| {
            let programs = ["vault ", "bao ", "svpki ", "scm-sim ", "make ", "source "];
            programs.iter().any(|program| code.starts_with(program))
        })
        .collect()
}

/// Whether these words are a verb of `svpki`, or a flag that every program has.
fn is_verb(code: &str) -> bool {
    let Some(words) = code.strip_prefix("svpki ") else {
        return false;
    };
    let mut command = sectigo_vault_pki::cli::command();
    matches!(words, "--help" | "--version")
        || words.split(' ').all(|word| {
            let found = command.find_subcommand(word).cloned();
            found.map(|found| command = found).is_some()
        })
}

fn path(home: &Path) -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folder = |program: PathBuf| program.parent().unwrap().to_owned();
    let own = [
        home.join("bin"),
        folder(binary()),
        folder(crate::support::scm_sim()),
    ];
    std::env::join_paths(own.into_iter().chain(std::env::split_paths(&inherited))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_commands_run_as_they_stand() {
    let mut readme = Readme::open().await;

    // For platform operators: by hand, then with the tool, each on a server without the plugin.
    readme.delete("sys/mounts/sectigo-vault-pki").await;
    let catalog = "sys/plugins/catalog/secret/sectigo-vault-pki";
    readme.delete(&format!("{catalog}?version=v0.1.0")).await;
    readme.run("vault plugin register");
    readme.run("vault secrets enable");
    readme.delete("sys/mounts/sectigo-vault-pki").await;
    readme.delete(catalog).await;
    readme.run("svpki plugin install");
    let mut wizard = readme.terminal("svpki config wizard web");
    super::wizard::answer_named_config(&mut wizard, &readme.env);
    assert_eq!(wizard.exit_code(), 0, "{}", wizard.screen());
    readme.run("svpki doctor");
    readme.run("svpki check");

    // For PKI admins.
    readme.run("vault write sectigo-vault-pki/configs/web sectigo_config_type");
    readme.run("vault write -force sectigo-vault-pki/profile/web");
    readme.run("vault write sectigo-vault-pki/configs/web sectigo_auto_renew");
    readme.run("vault read sectigo-vault-pki/inventory");
    let waits = readme
        .env
        .run("enroll web --common-name slow.example.com --profile-id 55 --wait 0");
    assert_eq!(waits.code, 5, "{}", waits.stderr);
    readme.run("vault list -detailed sectigo-vault-pki/orders/web");
    readme.run("vault read sectigo-vault-pki/health/web");
    let dns = Dns::start();
    let domain = json!({"name": "example.com"});
    super::domains::control(&readme.env, "PUT", "domains", domain).await;
    readme.run("svpki domains list");
    readme.run("svpki domains start");
    // The only DNS server that a test may ask is its own; and it has no such record.
    let resolver = format!("domains check --resolver {}", dns.address);
    readme.ours.push(("domains check".to_owned(), resolver));
    readme.ends("svpki domains check", 7);
    readme.run("svpki forecast");

    // For application teams.
    readme.run("vault write sectigo-vault-pki/enroll/web");
    readme.run("vault read sectigo-vault-pki/current/web");
    readme.run("vault read -field=certificate sectigo-vault-pki/current/web/www.example.com format=pem_bundle");
    readme.run(
        "vault read -field=certificate sectigo-vault-pki/current/web/www.example.com format=pkcs12",
    );
    let keystore = std::fs::metadata(readme.env.home.path().join("www.p12")).unwrap();
    assert!(keystore.len() > 500, "{keystore:?}");

    // The tool.
    readme.run("svpki enroll web");
    let role = readme
        .env
        .run("roles write web --config web --allowed-domains example.com");
    assert_eq!(role.code, 0, "{}", role.stderr);
    readme.run("svpki roles example web");
    readme.run("svpki current web");
    readme.run("svpki certs list");
    readme.run("svpki bulk plan");
    let mut apply = readme.terminal("svpki bulk apply");
    apply.wait_until_said("Place 1 order");
    apply.press("y\r");
    assert_eq!(apply.exit_code(), 0, "{}", apply.said());
    let mut dashboard = readme.terminal("svpki tui");
    dashboard.press("2");
    dashboard.wait_until_said("shop.example.com");
    dashboard.press("q");
    assert_eq!(dashboard.exit_code(), 0, "{}", dashboard.said());

    readme.run_what_sentences_name();
    readme.policy_grants_certificates_and_no_key().await;

    // Rehearsal.
    let port = free_port().unwrap().to_string();
    readme.ours.push(("9000".to_owned(), port));
    let serve = readme.take("scm-sim serve");
    let mut sim = readme
        .shell(&format!("exec {serve}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(sim.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let mut write = readme.terminal("svpki config write rehearsal");
    let password = ready["password"].as_str().unwrap();
    write.answer("SCM password", &format!("{password}\r"));
    assert_eq!(write.exit_code(), 0, "{}", write.screen());
    assert_eq!(readme.env.run("config test rehearsal").code, 0);
    let _ = end(&mut sim);

    for (command, _why) in &CANNOT_RUN[..2] {
        readme.take(command);
    }
    assert!(
        readme.commands.is_empty(),
        "never run: {:#?}",
        readme.commands
    );
}
