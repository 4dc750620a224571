//! Who the caller of a role is: by token, by login, by entity.

use serde_json::{Value, json};

use crate::clients::test;

/// Such a token has neither an entity nor an accessor: each try of its client was an order.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_token_without_an_entity_is_one_caller() {
    let test = test().await;
    let sys = async |path: &str, body: Value| {
        let url = format!("{}/v1/{path}", test.server().address());
        let request = test.http.post(url).json(&body);
        let request = request.header("X-Vault-Token", test.server().token());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        answer.json::<Value>().await.unwrap_or_default()
    };
    let name = format!("batch-{}", test.mount);
    let rules = format!(
        "path \"{}/issue/*\" {{ capabilities = [\"update\"] }}",
        test.mount
    );
    sys(
        &format!("sys/policies/acl/{name}"),
        json!({"policy": rules}),
    )
    .await;
    let mut serials = Vec::new();
    for _ in 0..2 {
        let body = json!({"type": "batch", "policies": [name], "ttl": "1h"});
        let created = sys("auth/token/create-orphan", body).await;
        let token = created["auth"]["client_token"].as_str().unwrap().to_owned();
        let mut own = Vec::new();
        for _ in 0..3 {
            let body = json!({"common_name": "batch.example.com"});
            let answer = test.ask_again(&token, "issue/r", body).await;
            own.push(answer.good().text("serial_number").to_owned());
        }
        assert!(own.iter().all(|serial| *serial == own[0]), "{own:?}");
        serials.push(own.remove(0));
    }
    assert_ne!(
        serials[0], serials[1],
        "nobody gets the key of another token"
    );
    assert_eq!(test.calls("enroll").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_allowed_domains_goes_by_who_has_logged_in() {
    let test = test().await;
    let sys = async |method: &str, path: &str, body: Value| {
        let url = format!("{}/v1/{path}", test.server().address());
        let request = test.http.request(method.parse().unwrap(), url);
        let answer = request
            .header("X-Vault-Token", test.server().token())
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(
            answer.status().is_success(),
            "{path}: {:?}",
            answer.text().await
        );
        answer.json::<Value>().await.unwrap_or_default()
    };
    let at = format!("up-{}", test.mount);
    sys(
        "POST",
        &format!("sys/auth/{at}"),
        json!({"type": "userpass"}),
    )
    .await;
    let rules = format!(
        "path \"{}/issue/*\" {{ capabilities = [\"update\"] }}",
        test.mount
    );
    sys(
        "POST",
        &format!("sys/policies/acl/{at}"),
        json!({"policy": rules}),
    )
    .await;
    let mounts = sys("GET", "sys/auth", json!({})).await;
    let accessor = mounts[format!("{at}/")]["accessor"]
        .as_str()
        .unwrap()
        .to_owned();
    let role = json!({"allowed_domains": format!("{{{{identity.entity.aliases.{accessor}.name}}}}.example.com"),
        "allowed_domains_template": true, "allow_bare_domains": true, "allow_subdomains": false});
    test.write("roles/r", role).await.good();
    let mut serials = Vec::new();
    for user in ["web1", "web2"] {
        let password = json!({"password": "changeit", "token_policies": at});
        sys("POST", &format!("auth/{at}/users/{user}"), password).await;
        let mut own = Vec::new();
        // Another login is the same caller.
        for _ in 0..2 {
            let login = sys(
                "POST",
                &format!("auth/{at}/login/{user}"),
                json!({"password": "changeit"}),
            )
            .await;
            let token = login["auth"]["client_token"].as_str().unwrap();
            let issue = async |name: &str| {
                test.ask_again(token, "issue/r", json!({"common_name": name}))
                    .await
            };
            own.push(
                issue(&format!("{user}.example.com"))
                    .await
                    .good()
                    .text("serial_number")
                    .to_owned(),
            );
            issue("web3.example.com")
                .await
                .refused(400, &["role r", "web3.example.com"]);
        }
        assert_eq!(own[0], own[1]);
        serials.push(own.remove(0));
    }
    assert_ne!(serials[0], serials[1]);
    test.write("issue/r", json!({"common_name": "web1.example.com"}))
        .await
        .refused(400, &["none for this caller"]);
    assert_eq!(test.calls("enroll").await.len(), 2);
}
