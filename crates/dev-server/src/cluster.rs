//! Three servers with raft storage on loopback, all with the plugin.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixtures::until;
use crate::{
    PLUGIN_NAME, STARTED, children_running, end, free_port, last_lines, place, server_binary,
    sha256, without_server_settings,
};

const NODES: usize = 3;
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// Dropping it stops all nodes.
pub struct Cluster {
    nodes: Vec<Node>,
    client: reqwest::Client,
    token: String,
    folder: TempDir,
}

struct Node {
    address: String,
    process: Option<Child>,
}

impl Cluster {
    /// Initialised, unsealed, joined, and with the plugin mounted at `sectigo-vault-pki/`.
    pub async fn start(plugin: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("sectigo-raft-")
            .tempdir()
            .unwrap();
        let plugins = folder.path().join("plugins");
        std::fs::create_dir(&plugins).unwrap();
        place(plugin, &plugins.join(PLUGIN_NAME)).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let nodes = (0..NODES)
            .map(|number| Node::start(folder.path(), number))
            .collect();
        let mut cluster = Self {
            nodes,
            client,
            token: String::new(),
            folder,
        };
        cluster.form().await;
        cluster.install().await;
        cluster
    }

    async fn form(&mut self) {
        let reachable = async |node| {
            self.ask(node, "GET", "sys/seal-status", None)
                .await
                .is_some()
        };
        for node in 0..NODES {
            until("a node answers", SETTLED_WITHIN, async || {
                // Somebody else's server on this port would answer, too; only ours writes to this log.
                self.log(node).contains(STARTED) && reachable(node).await
            })
            .await;
        }
        let shares = json!({"secret_shares": 1, "secret_threshold": 1});
        let (status, keys) = self.request(0, "PUT", "sys/init", Some(&shares)).await;
        assert_eq!(status, 200, "{keys}");
        let unseal = json!({"key": keys["keys_base64"][0]});
        self.token = keys["root_token"].as_str().unwrap().to_owned();
        let join = json!({"leader_api_addr": self.address(0)});
        for node in 0..NODES {
            if node > 0 {
                // The first node needs a moment to become the active one.
                let path = "sys/storage/raft/join";
                until("a node may join", SETTLED_WITHIN, async || {
                    self.request(node, "POST", path, Some(&join)).await.0 == 200
                })
                .await;
            }
            let (status, said) = self.request(node, "PUT", "sys/unseal", Some(&unseal)).await;
            assert_eq!(status, 200, "{said}");
            // 200 is the active node, 429 a standby, 473 a performance standby.
            until("a node joins", SETTLED_WITHIN, async || {
                let health = self.ask(node, "GET", "sys/health", None).await;
                health.is_some_and(|(status, _)| matches!(status, 200 | 429 | 473))
            })
            .await;
        }
        self.until_all_vote().await;
    }

    /// A new node gets its vote only after some seconds without fault; before that, the loss of the active node would
    /// leave nobody to elect another.
    async fn until_all_vote(&self) {
        until("all nodes vote", SETTLED_WITHIN, async || {
            let path = "sys/storage/raft/configuration";
            let (_, found) = self.request(self.leader().await, "GET", path, None).await;
            let servers = found["data"]["config"]["servers"].as_array();
            servers.is_some_and(|servers| {
                servers.len() == NODES && servers.iter().all(|server| server["voter"] == true)
            })
        })
        .await;
    }

    async fn install(&self) {
        let node = self.leader().await;
        let sha256 = sha256(&self.plugin()).unwrap();
        let entry = json!({"sha256": sha256, "command": PLUGIN_NAME});
        let path = format!("sys/plugins/catalog/secret/{PLUGIN_NAME}");
        let (status, said) = self.request(node, "PUT", &path, Some(&entry)).await;
        assert!(status < 300, "{said}");
        let mount = json!({"type": PLUGIN_NAME});
        let path = format!("sys/mounts/{PLUGIN_NAME}");
        let (status, said) = self.request(node, "POST", &path, Some(&mount)).await;
        assert!(status < 300, "{said}");
    }

    pub fn address(&self, node: usize) -> &str {
        &self.nodes[node].address
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn nodes(&self) -> std::ops::Range<usize> {
        0..NODES
    }

    /// One request to one node, with the root token. `path` is what follows `/v1/`. While a busy machine has the nodes
    /// choose a leader anew, a node refuses what it would forward: then the request is sent again, as clients do.
    pub async fn request(
        &self,
        node: usize,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut answer = (0, Value::Null);
        until("the node knows the leader", SETTLED_WITHIN, async || {
            answer = self.ask(node, method, path, body).await.unwrap_or_else(|| {
                let log = last_lines(&self.log(node), 30);
                panic!("node {node} does not answer {method} {path}; its log ends with:\n{log}")
            });
            !answer
                .1
                .to_string()
                .contains("active cluster node not found")
        })
        .await;
        answer
    }

    /// As [`Cluster::request`]; `None` when the node does not answer.
    pub async fn ask(
        &self,
        node: usize,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let url = format!("{}/v1/{path}", self.address(node));
        let mut request = self
            .client
            .request(method.parse().unwrap(), url)
            .header("X-Vault-Token", &self.token)
            .header("X-Vault-Request", "true");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.unwrap_or_default()))
    }

    /// Waits until a node is the active one, and says which.
    pub async fn leader(&self) -> usize {
        let mut leader = 0;
        until("there is a leader", SETTLED_WITHIN, async || {
            for node in 0..NODES {
                if let Some((200, _)) = self.ask(node, "GET", "sys/health", None).await {
                    leader = node;
                    return true;
                }
            }
            false
        })
        .await;
        leader
    }

    /// Ends one node as a power cut would.
    pub fn kill(&mut self, node: usize) {
        if let Some(mut process) = self.nodes[node].process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// The plugin's processes of one node.
    pub fn plugin_pids(&self, node: usize) -> Vec<u32> {
        let server = self.nodes[node].process.as_ref();
        server.map_or_else(Vec::new, |server| {
            children_running(server.id(), &self.plugin())
        })
    }

    pub fn log(&self, node: usize) -> String {
        let bytes = std::fs::read(log_file(self.folder.path(), node)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn plugin(&self) -> PathBuf {
        self.folder.path().join("plugins").join(PLUGIN_NAME)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            if let Some(mut process) = node.process.take() {
                let _ = end(&mut process);
            }
        }
    }
}

impl Node {
    fn start(folder: &Path, number: usize) -> Self {
        let data = folder.join(format!("data-{number}"));
        std::fs::create_dir(&data).unwrap();
        let (api, cluster) = (free_port().unwrap(), free_port().unwrap());
        let address = format!("http://127.0.0.1:{api}");
        let config = folder.join(format!("node-{number}.hcl"));
        std::fs::write(
            &config,
            format!(
                r#"
storage "raft" {{
  path = "{}"
  node_id = "n{number}"
  performance_multiplier = 1
}}
listener "tcp" {{
  address = "127.0.0.1:{api}"
  cluster_address = "127.0.0.1:{cluster}"
  tls_disable = true
}}
api_addr = "{address}"
cluster_addr = "https://127.0.0.1:{cluster}"
plugin_directory = "{}"
log_level = "debug"
disable_mlock = true
"#,
                data.display(),
                folder.join("plugins").display(),
            ),
        )
        .unwrap();
        let log = File::create(log_file(folder, number)).unwrap();
        let mut command = Command::new(server_binary().unwrap());
        let process = without_server_settings(&mut command)
            .arg("server")
            .arg(format!("-config={}", config.display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self {
            address,
            process: Some(process),
        }
    }
}

fn log_file(folder: &Path, node: usize) -> PathBuf {
    folder.join(format!("node-{node}.log"))
}
