use serde_json::json;

use crate::harness::Scm;

fn ann() -> serde_json::Value {
    json!({
        "firstName": "Ann",
        "lastName": "Smith",
        "email": "ann.smith@example.com",
        "organizationId": 123,
        "validationType": "STANDARD",
    })
}

#[tokio::test]
async fn a_person_is_created_found_changed_and_deleted() {
    let scm = Scm::start().await;
    for version in ["v1", "v2"] {
        let created = scm
            .post(&format!("/api/person/{version}"), &ann().to_string())
            .await;
        assert_eq!((created.status, created.body.len()), (201, 0));
        let location = created.header("location").to_owned();
        let id: u64 = location.rsplit('/').next().unwrap().parse().unwrap();
        for email in [
            "ann.smith@example.com",
            "ann.smith%40example.com",
            "ann%2Esmith%40example%2Ecom",
        ] {
            let found = scm
                .get(&format!("/api/person/{version}/id/byEmail/{email}"))
                .await;
            assert_eq!(found.json(), json!({ "personId": id }));
        }
        let path = format!("/api/person/{version}/{id}");
        let shown = scm.get(&path).await.json();
        assert_eq!(shown["email"], "ann.smith@example.com");
        assert!(shown.get("phone").is_none(), "absent members are left out");
        let mut changed = ann();
        changed["phone"] = json!("555");
        assert_eq!(scm.put(&path, &changed.to_string()).await.status, 200);
        assert_eq!(scm.get(&path).await.json()["phone"], "555");
        assert_eq!(scm.delete(&path).await.status, 204);
        scm.get(&path).await.refused(404, -105);
    }
}

#[tokio::test]
async fn an_unknown_address_is_named() {
    let scm = Scm::start().await;
    let answer = scm.get("/api/person/v1/id/byEmail/eve%40example.com").await;
    answer.refused(404, -105);
    let text = "Person with e-mail: eve@example.com was not found";
    assert_eq!(answer.json()["description"], text);
}

#[tokio::test]
async fn list_with_filters_and_pages() {
    let scm = Scm::start().await;
    scm.post("/api/person/v1", &ann().to_string()).await;
    let bob = json!({ "firstName": "Bob", "email": "bob@example.com", "phone": "777", "organizationId": 124 });
    let mut other = ann();
    for (name, value) in bob.as_object().unwrap() {
        other[name] = value.clone();
    }
    scm.post("/api/person/v1", &other.to_string()).await;
    for (filter, expected) in [
        ("", 2),
        ("name=smith", 2),
        ("name=bob", 1),
        ("email=bob@", 1),
        ("commonName=Ann%20Smith", 1),
        ("phone=777", 1),
        ("organizationId=124", 1),
        ("secondaryEmail=x", 0),
    ] {
        let answer = scm.get(&format!("/api/person/v1?{filter}")).await;
        assert_eq!(
            answer.header("X-Total-Count"),
            expected.to_string(),
            "{filter}"
        );
    }
    let page = scm.get("/api/person/v1?size=1&position=1").await;
    assert_eq!(page.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn refusals() {
    let scm = Scm::start().await;
    for (member, value, code) in [
        ("firstName", json!(null), -1001),
        ("lastName", json!(""), -1001),
        ("email", json!("nobody"), -518),
        ("organizationId", json!(null), -1001),
        ("organizationId", json!(999), -639),
        ("validationType", json!("EXTREME"), -1002),
    ] {
        let mut body = ann();
        body[member] = value;
        scm.post("/api/person/v1", &body.to_string())
            .await
            .refused(400, code);
    }
    scm.post("/api/person/v1", &ann().to_string()).await;
    scm.post("/api/person/v1", &ann().to_string())
        .await
        .refused(400, -524);
}

#[tokio::test]
async fn filters_follow_the_switch_and_an_address_belongs_to_one_person() {
    let scm = Scm::start().await;
    let first = scm.post("/api/person/v1", &ann().to_string()).await;
    let mut bob = ann();
    bob["email"] = json!("bob@example.com");
    assert_eq!(
        scm.post("/api/person/v1", &bob.to_string()).await.status,
        201
    );
    let path = first.header("location").to_owned();
    let path = path.strip_prefix(&scm.sim.base_url).unwrap();
    assert_eq!(
        scm.put(path, &ann().to_string()).await.status,
        200,
        "one's own address is free"
    );
    scm.put(path, &bob.to_string()).await.refused(400, -524);
    let count = async |filter: &str| {
        let head = scm.head(&format!("/api/person/v1?{filter}")).await;
        assert!(head.body.is_empty());
        head.header("X-Total-Count").to_owned()
    };
    assert_eq!(count("email=bob@").await, "1");
    scm.switch(json!({ "filters": "exact" })).await;
    assert_eq!(count("email=bob@").await, "0");
    assert_eq!(count("email=bob@example.com").await, "1");
}
