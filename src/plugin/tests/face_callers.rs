//! `issue` and `sign` with many callers at once, with several roles, and while a role changes.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::super::testing::TestMountWithScm;
use super::face::{ask, ask_by, issued, leaf, orders, pending, serial, test, write_role};
use super::{cert, csr};
use crate::plugin::store::ANSWERED_AGAIN_FOR;
use pki::Csr;
use svpki_types::PendingOrder;
use vault_plugin::logical::{Error, Operation};

const NAME: &str = "www.example.com";

fn wish() -> Value {
    json!({"common_name": NAME})
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_equal_issues_at_once_are_one_order_for_each_caller() {
    for (reuse, most) in [("entity", 4), ("off", 4), ("role", 1)] {
        let test = test(json!({"reuse": reuse, "max_wait": 60})).await;
        test.rules(json!([{"delay": "1s"}])).await;
        let callers = ["one", "two", "three", "four"];
        let asking = (0..20).map(|n| ask_by(&test.mount, callers[n % 4], "issue/r", wish()));
        let answers = join_all(asking).await;
        for (n, answer) in answers.iter().enumerate() {
            let answer = &answer.as_ref().unwrap().data;
            assert_eq!(answer, &answers[n % 4].as_ref().unwrap().data, "{reuse}");
        }
        let keys: std::collections::BTreeSet<&str> = answers
            .iter()
            .map(|answer| {
                answer.as_ref().unwrap().data["private_key"]
                    .as_str()
                    .unwrap()
            })
            .collect();
        assert_eq!(keys.len(), most, "{reuse}");
        assert_eq!(orders(&test).await, [most, 0, 0], "{reuse}");
        test.sim.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_to_no_other_role_and_to_no_role_of_another_config() {
    let test = test(json!({"reuse": "role"})).await;
    let first = issued(&test.mount, "issue/r", wish()).await;
    let role = json!({"config": "web", "reuse": "role", "max_wait": 20});
    test.mount.write("roles/other", role).await.unwrap();
    let other = issued(&test.mount, "issue/other", wish()).await;
    assert_ne!(serial(&other), serial(&first));
    assert_eq!(orders(&test).await, [2, 0, 0]);

    let config = test.mount.read("configs/web", json!({})).await;
    let account = json!({
        "sectigo_cm_base_url": config["sectigo_cm_base_url"], "sectigo_cm_uri": config["sectigo_cm_uri"],
        "sectigo_cm_user": config["sectigo_cm_user"], "sectigo_cm_password": test.sim.password,
        "sectigo_cm_org_id": 123, "profile_id": 51, "term": 90, "key_type": "EC",
    });
    test.mount.write("configs/second", account).await.unwrap();
    write_role(&test, json!({"config": "second"})).await;
    let moved = issued(&test.mount, "issue/r", wish()).await;
    assert_ne!(serial(&moved), serial(&first));
    write_role(&test, json!({})).await;
    assert_eq!(issued(&test.mount, "issue/r", wish()).await, first);
    assert_eq!(orders(&test).await, [3, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_deleted_and_written_again_goes_on_with_its_open_order() {
    let test = test(json!({"max_wait": 1})).await;
    test.rules(json!([{"approval": true}])).await;
    pending(ask(&test.mount, "issue/r", wish()).await);
    test.mount
        .ask(Operation::Delete, "roles/r", json!({}))
        .await
        .unwrap();
    let gone = ask(&test.mount, "issue/r", wish()).await;
    assert!(
        matches!(&gone, Err(Error::NotFound(text)) if text.contains("list roles/")),
        "{gone:?}"
    );
    // On a busy machine SCM may not have accepted the order yet.
    let mut at_scm = test.orders_at_scm("").await;
    for _ in 0..600 {
        if !at_scm.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        at_scm = test.orders_at_scm("").await;
    }
    let id = &at_scm[0]["id"];
    test.control("POST", &format!("orders/{id}/approve"), json!({}))
        .await;
    write_role(&test, json!({})).await;
    issued(&test.mount, "issue/r", wish()).await;
    assert_eq!(orders(&test).await, [1, 0, 0]);
    test.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_allows_less_now_hands_out_nothing_of_what_it_allowed() {
    let test = test(json!({})).await;
    let (request, body) = (csr(NAME), wish());
    issued(&test.mount, "issue/r", body.clone()).await;
    issued(&test.mount, "sign/r", json!({"csr": request})).await;
    let narrow = json!({"allowed_domains": "example.org", "allow_subdomains": true});
    write_role(&test, narrow).await;
    for (path, body) in [("issue/r", body), ("sign/r", json!({"csr": request}))] {
        let refused = ask(&test.mount, path, body).await;
        assert!(
            matches!(&refused, Err(Error::BadRequest(text)) if text.contains("role r") && text.contains(NAME)),
            "{path}: {refused:?}"
        );
    }
    // Another key type is another wish.
    write_role(&test, json!({"allowed_domains": "", "key_type": "rsa"})).await;
    let rsa = issued(&test.mount, "issue/r", wish()).await;
    assert_eq!(rsa["private_key_type"], "rsa");
    assert_eq!(orders(&test).await, [3, 0, 0]);
    test.sim.stop().await;
}

/// The answer did not say whether an order was placed, and `svpki` told the operator to find out.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_scm_does_not_tell_left_open_whether_something_was_ordered() {
    let test = TestMountWithScm::new().await;
    write_role(&test, json!({})).await;
    let config = json!({"sectigo_ssl_cert_validity": ""});
    test.mount.write("configs/web", config).await.unwrap();
    test.mount.looked().await;
    let error = json!({"status": 503, "code": -1, "description": "not now"});
    test.rules(json!([{"call": "types", "error": error}])).await;
    for path in ["issue/r", "enroll/web"] {
        let refused = ask(&test.mount, path, wish()).await;
        assert!(
            matches!(&refused, Err(Error::Unavailable(text))
                if text.contains("[nothing-ordered") && text.contains("nothing was ordered")),
            "{path}: {refused:?}"
        );
    }
    assert_eq!(orders(&test).await, [0, 0, 0]);
    test.sim.stop().await;
}

/// The replicas of a deployment all send CSRs of their own at the same time. Each gets a certificate for its own key
/// or is told to ask again, and none of this is a second enrolment.
#[tokio::test(flavor = "multi_thread")]
async fn other_csrs_at_once_for_the_same_names_are_never_a_second_enrolment() {
    let test = test(json!({})).await;
    let requests: Vec<String> = (0..6).map(|_| csr(NAME)).collect();
    let asking = requests.iter().map(async |request| {
        for _ in 0..60 {
            match ask(&test.mount, "sign/r", json!({"csr": request})).await {
                Ok(answer) if answer.raw.is_none() => return answer.data,
                Ok(answer) => drop(pending(Ok(answer))),
                Err(Error::Unavailable(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        panic!("never signed");
    });
    for (request, answer) in requests.iter().zip(join_all(asking).await) {
        assert_eq!(
            leaf(&answer).spki_der(),
            Csr::parse(request).unwrap().spki_der()
        );
    }
    assert_eq!(orders(&test).await[0], 1);
    test.sim.stop().await;
}

/// Without a tag no program could tell these answers from an unknown outcome.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_order_did_not_say_to_a_program_that_it_may_ask_again() {
    let test = test(json!({"max_wait": 1})).await;
    // Another request for the same order is not finished.
    let path = "profile/web/51";
    test.mount
        .ask(Operation::Delete, path, json!({}))
        .await
        .unwrap();
    test.rules(json!([{"call": "types", "slow": "15s"}])).await;
    let asking = (0..2).map(|_| ask(&test.mount, "issue/r", wish()));
    for answer in join_all(asking).await {
        let text = pending(answer);
        assert!(text.starts_with("[ask-again] "), "{text}");
        assert!(!text.contains("renewal"), "{text}");
    }
    // An answer with an order does not need the tag.
    test.rules(json!([{"approval": true}])).await;
    let text = pending(ask(&test.mount, "sign/r", json!({"csr": csr(NAME)})).await);
    assert!(text.parse::<PendingOrder>().is_ok(), "{text}");
    test.sim.stop().await;
}

/// The key of such a config is kept for ten minutes, for its caller only.
#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_key_is_handed_out_again_while_it_is_kept_and_then_the_warning_has_come_true() {
    let test = test(json!({})).await;
    test.mount
        .write("configs/web", json!({"key_storage": "once"}))
        .await
        .unwrap();
    let told = write_role(&test, json!({})).await.join(" ");
    assert!(told.contains("key_storage=once"), "{told}");
    let first = ask(&test.mount, "issue/r", wish()).await.unwrap();
    let said = first.warnings.join(" ");
    assert!(said.contains("orders another certificate"), "{said}");
    for _ in 0..3 {
        assert_eq!(
            issued(&test.mount, "issue/r", wish()).await,
            first.data,
            "the tries of one client"
        );
    }
    assert_eq!(orders(&test).await, [1, 0, 0]);
    let page = test.mount.read("inventory", json!({})).await;
    let id = page["certificates"][0]["id"].as_str().unwrap();
    super::one_time_keys::handed_out_earlier(&test, id, ANSWERED_AGAIN_FOR + 1).await;
    super::run(&test.mount).await;
    let second = issued(&test.mount, "issue/r", wish()).await;
    assert_ne!(serial(&second), serial(&first.data));
    assert_eq!(orders(&test).await, [2, 0, 0]);
    // The first certificate is still in use somewhere: it was not renewed.
    assert!(cert(&test.mount, id).await.renewed_to.is_none());

    test.mount
        .write("configs/web", json!({"key_storage": "never"}))
        .await
        .unwrap();
    let refused = ask(
        &test.mount,
        "issue/r",
        json!({"common_name": "a.example.com"}),
    )
    .await;
    assert!(
        matches!(&refused, Err(Error::BadRequest(text)) if text.contains("sign/r")),
        "{refused:?}"
    );
    test.sim.stop().await;
}

/// SCM was asked for a profile that is not stored before it was checked whether a certificate is in use. While SCM was
/// down the answer was a 503, and a refused login was tried once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_use_was_not_handed_out_while_scm_was_down_and_had_a_profile_that_is_not_stored()
{
    let test = test(json!({})).await;
    // Only the profile knows its single term, so an enrolment without a term needs the profile.
    let config = json!({"sectigo_ssl_cert_validity": "", "reuse": "role", "profile_id": 54});
    test.mount.write("configs/web", config).await.unwrap();
    test.mount.looked().await;
    let (request, body) = (json!({"csr": csr(NAME)}), wish());
    let first = issued(&test.mount, "issue/r", body.clone()).await;
    let signed = issued(&test.mount, "sign/r", request.clone()).await;
    let enrolled = issued(&test.mount, "enroll/web", body.clone()).await;
    for profile in test
        .mount
        .ask(Operation::List, "profile/web/", json!({}))
        .await
        .unwrap()
        .unwrap()
        .data["keys"]
        .as_array()
        .unwrap()
    {
        let path = format!("profile/web/{}", profile.as_str().unwrap());
        test.mount
            .ask(Operation::Delete, &path, json!({}))
            .await
            .unwrap();
    }
    let asked = test.calls("types").await;
    assert_eq!(issued(&test.mount, "issue/r", body.clone()).await, first);
    assert_eq!(test.calls("types").await, asked, "nothing is asked at SCM");
    let TestMountWithScm { sim, mount } = test;
    sim.stop().await;
    assert_eq!(issued(&mount, "issue/r", body.clone()).await, first);
    assert_eq!(issued(&mount, "sign/r", request).await, signed);
    // From another caller the request is not a retry.
    let again = ask_by(&mount, "other", "enroll/web", wish()).await.unwrap();
    assert_eq!(serial(&again.data), serial(&enrolled));
    assert_eq!(again.data["private_key"], enrolled["private_key"]);
    // What the policy refuses is refused before SCM is asked for anything.
    let narrow =
        json!({"config": "web", "allowed_domains": "example.org", "allow_subdomains": true});
    mount.write("roles/narrow", narrow).await.unwrap();
    let refused = ask(&mount, "issue/narrow", wish()).await;
    assert!(
        matches!(&refused, Err(Error::BadRequest(text)) if text.contains(NAME)),
        "{refused:?}"
    );
    let narrow = json!({"allowed_domains": "example.com"});
    mount.write("configs/web", narrow).await.unwrap();
    for path in ["issue/r", "enroll/web"] {
        let refused = ask(&mount, path, json!({"common_name": "www.example.net"})).await;
        assert!(
            matches!(&refused, Err(Error::BadRequest(text)) if text.contains("www.example.net")),
            "{path}: {refused:?}"
        );
    }
}

/// SCM's answer before the order took longer than the client waits, and the client got no answer.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_scm_before_there_is_an_order_is_told_so_when_its_time_is_up() {
    let test = TestMountWithScm::new().await;
    write_role(&test, json!({"max_wait": 1})).await;
    test.rules(json!([{"call": "types", "slow": "15s"}])).await;
    let text = pending(ask(&test.mount, "issue/r", wish()).await);
    assert!(text.contains("which terms the profile has"), "{text}");
    write_role(&test, json!({"max_wait": 60})).await;
    let first = issued(&test.mount, "issue/r", wish()).await;
    let page = test.mount.read("inventory", json!({})).await;
    let id = page["certificates"][0]["id"].as_str().unwrap().to_owned();
    super::grow_old(&test.mount, &id, 70).await;
    write_role(&test, json!({"max_wait": 1})).await;
    test.rules(json!([{"call": "details", "slow": "15s"}]))
        .await;
    let text = pending(ask(&test.mount, "issue/r", wish()).await);
    assert!(text.contains("renewal goes on without you"), "{text}");
    test.rules(json!([])).await;
    write_role(&test, json!({"max_wait": 60})).await;
    let second = issued(&test.mount, "issue/r", wish()).await;
    assert_ne!(serial(&second), serial(&first));
    assert_eq!(orders(&test).await, [1, 1, 0]);
    test.sim.stop().await;
}
