//! The default settings: enough to try every call.

use std::collections::BTreeMap;

use super::{
    Account, CustomField, Department, Effects, Kind, Organisation, Profile, Settings, Span,
    Switches,
};

impl Default for Settings {
    fn default() -> Self {
        Self {
            organisations: vec![
                Organisation {
                    id: 123,
                    name: "Example Organisation".to_owned(),
                    departments: vec![Department {
                        id: 124,
                        name: "Web Services".to_owned(),
                    }],
                    ssl_api: true,
                    client_api: true,
                },
                Organisation {
                    id: 200,
                    name: "No API Organisation".to_owned(),
                    departments: Vec::new(),
                    ssl_api: false,
                    client_api: false,
                },
            ],
            accounts: vec![Account {
                login: "admin".to_owned(),
                password: None,
                customer_uri: "example".to_owned(),
                client_id: Some("api-client".to_owned()),
                client_secret: None,
                auto_approve: true,
            }],
            profiles: profiles(),
            custom_fields: vec![
                CustomField {
                    mandatory: true,
                    profiles: vec![53],
                    ..custom_field(1, "Cost Center", "TEXT_SINGLE_LINE")
                },
                CustomField {
                    options: vec!["test".to_owned(), "production".to_owned()],
                    ..custom_field(2, "Stage", "TEXT_OPTION")
                },
                custom_field(3, "Needed Until", "DATE"),
                CustomField {
                    kind: Kind::Client,
                    ..custom_field(4, "Employee Number", "NUMBER")
                },
            ],
            domains: Vec::new(),
            switches: Switches::default(),
            rules: Vec::new(),
        }
    }
}

fn profiles() -> Vec<Profile> {
    vec![
        Profile {
            description: Some("Organisation validated, RSA and EC".to_owned()),
            ..profile(51, "OV Multi-Domain")
        },
        Profile {
            key_types: keys(&[], &["P-256", "P-384"]),
            ..profile(52, "OV Elliptic Curve")
        },
        profile(53, "OV with Cost Center"),
        Profile {
            terms: vec![30],
            lifetime: Some(Span::from_secs(600)),
            description: Some("Certificates that live ten minutes".to_owned()),
            ..profile(54, "Short Life")
        },
        Profile {
            course: Effects {
                approval: Some(true),
                ..Effects::default()
            },
            ..profile(55, "OV with Approval")
        },
        Profile {
            renewable: false,
            key_types: keys(&["2048"], &[]),
            terms: vec![365],
            ..profile(56, "EV, no renewal")
        },
        Profile {
            kind: Kind::Client,
            terms: vec![365, 730],
            ..profile(61, "S/MIME Sponsor Validated")
        },
        Profile {
            kind: Kind::Client,
            terms: vec![365],
            key_types: keys(&[], &["P-256", "P-384"]),
            max_valid_per_person: Some(2),
            ..profile(62, "S/MIME Elliptic Curve")
        },
    ]
}

fn profile(id: u32, name: &str) -> Profile {
    Profile {
        id,
        name: name.to_owned(),
        kind: Kind::Ssl,
        description: None,
        terms: super::default_terms(),
        key_types: super::all_keys(),
        organisations: Vec::new(),
        lifetime: None,
        renewable: true,
        deleted: false,
        superseded_by: None,
        max_valid_per_person: None,
        course: Effects::default(),
    }
}

fn custom_field(id: u32, name: &str, input: &str) -> CustomField {
    CustomField {
        id,
        name: name.to_owned(),
        kind: Kind::Ssl,
        mandatory: false,
        input: input.to_owned(),
        options: Vec::new(),
        profiles: Vec::new(),
    }
}

pub(super) fn keys(rsa: &[&str], ec: &[&str]) -> BTreeMap<String, Vec<String>> {
    [("RSA", rsa), ("EC", ec)]
        .into_iter()
        .filter(|(_, sizes)| !sizes.is_empty())
        .map(|(name, sizes)| {
            let sizes = sizes.iter().map(|size| (*size).to_owned()).collect();
            (name.to_owned(), sizes)
        })
        .collect()
}
