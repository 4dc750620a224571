//! What comes after the first certificate, and client certificates, against the real `scm-sim` process.

use jiff::{SignedDuration, Timestamp};
use pki::{Chain, Csr, PathPreference, PrivateKey, Subject, bundle};
use scm_client::{
    Client, ClientEnroll, ClientFilter, Collected, ReportDate, ScmPhase, SslReplace, SslReportQuery,
};
use svpki_types::{Curve, KeySpec};

use crate::simulator::{DEADLINE, ORGANISATION, Simulator, collect, order};

const CLIENT_PROFILE: i64 = 61;

#[tokio::test]
async fn a_renewal_has_a_new_id_and_a_replacement_the_old_one() {
    for simulator in Simulator::start_both().await {
        renewed_and_replaced(&simulator).await;
    }
}

async fn renewed_and_replaced(simulator: &Simulator) {
    for settings in [simulator.password(), simulator.oauth()] {
        let client = Client::new(settings).unwrap();
        let (_, first) = order("renewed.example");
        let id = client.ssl().enroll(&first).await.unwrap().ssl_id;
        collect(&client, id, "x509").await;

        let (key, second) = order("renewed.example");
        let renewed = client
            .ssl()
            .renew_by_id(id, Some(&second.csr))
            .await
            .unwrap();
        assert_ne!(renewed, id);
        let found = bundle::parse(&collect(&client, renewed, "x509").await).unwrap();
        Chain::assemble(found, key.spki_der(), PathPreference::Compatible).unwrap();
        assert!(client.ssl().details(id).await.unwrap().renewed);
        let again = client.ssl().renew_by_id(renewed, None).await.unwrap();
        assert!(again > renewed);

        let (key, third) = order("renewed.example");
        let replacement = SslReplace {
            csr: third.csr,
            reason: "key lost".into(),
            common_name: None,
            subject_alt_names: third.subject_alt_names,
        };
        client.ssl().replace(renewed, &replacement).await.unwrap();
        let replaced = async {
            loop {
                let found = bundle::parse(&collect(&client, renewed, "x509").await).unwrap();
                if Chain::assemble(found, key.spki_der(), PathPreference::Compatible).is_ok() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(DEADLINE, replaced).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_certificate_comes_is_renewed_and_goes() {
    for simulator in Simulator::start_both().await {
        client_comes_and_goes(&simulator).await;
    }
}

async fn client_comes_and_goes(simulator: &Simulator) {
    for (name, settings) in [
        ("ann", simulator.password()),
        ("bea", simulator.certificate()),
        ("cay", simulator.oauth()),
    ] {
        let scm = Client::new(settings).unwrap();
        let client = scm.client();
        let profiles = client.profiles(Some(ORGANISATION)).await.unwrap();
        assert!(profiles.iter().any(|profile| profile.id == CLIENT_PROFILE));
        client.custom_fields().await.unwrap();

        let email = format!("{name}@example.com");
        let key = PrivateKey::generate(KeySpec::Ec(Curve::P256)).unwrap();
        let csr = Csr::build(&key, &Subject::default(), &[]).unwrap();
        let enrolled = client
            .enroll(&ClientEnroll {
                org_id: ORGANISATION,
                csr: csr.to_pem(),
                profile_id: CLIENT_PROFILE,
                term: 365,
                email: email.clone(),
                first_name: "Ann".into(),
                last_name: "Lee".into(),
                comments: format!("tag of {name}"),
                ..ClientEnroll::default()
            })
            .await
            .unwrap();
        let leaf = collected(&scm, &enrolled.backend_cert_id, &key).await;
        assert!(leaf.leaf.emails().any(|found| found == email));

        let by_email = ClientFilter {
            email: Some(email),
            ..ClientFilter::default()
        };
        let listed = client.list(&by_email).all(10).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].comments, Some(format!("tag of {name}")));
        assert_eq!(
            listed[0].backend_cert_id.as_ref(),
            Some(&enrolled.backend_cert_id)
        );
        let details = client.details(listed[0].id).await.unwrap();
        assert_eq!(details.status.unwrap().phase(), ScmPhase::Issued);

        let renewed = client.renew(&enrolled.backend_cert_id).await.unwrap();
        assert_ne!(renewed.backend_cert_id, enrolled.backend_cert_id);
        collected(&scm, &renewed.backend_cert_id, &key).await;

        client
            .revoke(&renewed.backend_cert_id, 5, "left")
            .await
            .unwrap();
        let by_id = ClientFilter {
            backend_cert_id: Some(renewed.backend_cert_id),
            ..ClientFilter::default()
        };
        let listed = client.list(&by_id).all(10).await.unwrap();
        assert_eq!(listed[0].state.as_ref().unwrap().phase(), ScmPhase::Revoked);
    }
}

async fn collected(scm: &Client, backend_cert_id: &str, key: &PrivateKey) -> Chain {
    let polling = async {
        loop {
            match scm
                .client()
                .collect(backend_cert_id, "base64")
                .await
                .unwrap()
            {
                Collected::Ready(bytes) => return bytes,
                Collected::NotReady { .. } => {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            }
        }
    };
    let bytes = tokio::time::timeout(DEADLINE, polling).await.unwrap();
    Chain::assemble(
        bundle::parse(&bytes).unwrap(),
        key.spki_der(),
        PathPreference::Compatible,
    )
    .unwrap()
}

#[tokio::test]
async fn organizations_field_definitions_and_the_report() {
    let simulator = Simulator::start().await;
    let client = Client::new(simulator.password()).unwrap();
    let organizations = client.organizations().await.unwrap();
    let organization = organizations
        .iter()
        .find(|one| one.id == ORGANISATION)
        .unwrap();
    assert!(!organization.departments.is_empty());
    for (id, enabled) in [
        (ORGANISATION, true),
        (organization.departments[0].id, true),
        (200, false),
    ] {
        let details = client.organization(id).await.unwrap();
        assert_eq!(details.ssl_api_enabled, Some(enabled), "{id}: {details:?}");
    }
    for cert_type in ["SSL", "SMIME"] {
        let fields = client.custom_field_definitions(cert_type).await.unwrap();
        assert!(
            fields.iter().any(|field| field.input.is_some()),
            "{cert_type}: {fields:?}"
        );
    }

    let (_, first) = order("reported.example");
    let id = client.ssl().enroll(&first).await.unwrap().ssl_id;
    client
        .ssl()
        .enroll(&order("other.example").1)
        .await
        .unwrap();
    let hour = SignedDuration::from_hours(1);
    let query = SslReportQuery {
        common_name: Some("reported.example".into()),
        date: ReportDate::Requested,
        from: Some(Timestamp::now() - hour),
        to: Some(Timestamp::now() + hour),
        ..SslReportQuery::default()
    };
    let rows = client.ssl().report(&query).await.unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(
        (rows[0].ssl_id, &rows[0].comments),
        (id, &Some(first.comments))
    );
    let past = SslReportQuery {
        to: query.from,
        from: None,
        ..query
    };
    assert!(client.ssl().report(&past).await.unwrap().is_empty());
}
