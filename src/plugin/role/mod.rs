//! A role: which certificates `issue` and `sign` may order, and how they are ordered. Its fields are named as in
//! Vault's own PKI engine.

mod names;
mod pki_fields;

use std::time::Duration;

use super::field_values::{config_name, text};
use super::fields;
use super::renewal_window::RenewalWindow;
use super::store::RoleRecord;
use pki::San;
use svpki_types::{ConfigName, ErrorTags, KeySpec, Labels, RefusalCode, RoleName};
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::{Entity, Error};

use names::{Names, domains, expand};
pub use pki_fields::check_pki_fields;

/// The checked and typed form of a [`RoleRecord`].
pub struct Role {
    pub name: RoleName,
    pub config: ConfigName,
    pub profile_id: Option<i64>,
    pub key_type: KeyType,
    pub ttl: Option<u64>,
    pub max_ttl: Option<u64>,
    pub max_wait: Duration,
    pub reuse: Reuse,
    pub reuse_until: RenewalWindow,
    pub auto_renew: Option<bool>,
    pub labels: Labels,
    names: Names,
    pub given: Values,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    Any,
    Only(KeySpec),
}

/// Which callers get a certificate that is already in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    SameCaller,
    EveryCaller,
    Nobody,
}

impl Reuse {
    pub fn of(values: &Values, field: &Field) -> Self {
        match text(values, field).as_deref() {
            Some("entity") => Self::SameCaller,
            Some("role") => Self::EveryCaller,
            _ => Self::Nobody,
        }
    }
}

/// Every field of a role.
pub const FIELDS: &[&[Field]] = &[fields::ROLE, fields::ROLE_PKI];

impl Role {
    pub fn load(name: &RoleName, record: &RoleRecord) -> Result<Self, Error> {
        let declared: Vec<&'static Field> = FIELDS.iter().flat_map(|group| group.iter()).collect();
        let (values, _) = Values::parse(&record.fields, &declared, &[])?;
        Self::of(name, values)
    }

    pub fn of(name: &RoleName, given: Values) -> Result<Self, Error> {
        let flag = |field: &Field| given.boolean(field).unwrap_or_default();
        let seconds = |field: &Field| given.seconds(field).filter(|seconds| *seconds > 0);
        let config = text(&given, &fields::ROLE_CONFIG).ok_or_else(|| {
            Error::bad_request("config is missing: name the config that the role orders with")
        })?;
        let (ttl, max_ttl) = (seconds(&fields::ROLE_TTL), seconds(&fields::ROLE_MAX_TTL));
        if let (Some(ttl), Some(most)) = (ttl, max_ttl)
            && ttl > most
        {
            return Err(Error::bad_request("ttl is longer than max_ttl"));
        }
        let role = Self {
            name: name.clone(),
            config: config_name(&config)?,
            profile_id: given.integer(&fields::ROLE_PROFILE).filter(|id| *id > 0),
            key_type: key_type(&given)?,
            ttl,
            max_ttl,
            max_wait: Duration::from_secs(
                given.seconds(&fields::ROLE_MAX_WAIT).unwrap_or_default(),
            ),
            reuse: Reuse::of(&given, &fields::ROLE_REUSE),
            reuse_until: reuse_until(&given)?,
            auto_renew: given
                .has(&fields::ROLE_AUTO_RENEW)
                .then(|| given.boolean(&fields::ROLE_AUTO_RENEW))
                .flatten(),
            labels: super::labels::of(&given),
            names: Names {
                domains: domains(&given)?,
                template: flag(&fields::ROLE_TEMPLATE),
                bare: flag(&fields::ROLE_BARE),
                subdomains: flag(&fields::ROLE_SUBDOMAINS),
                glob: flag(&fields::ROLE_GLOB),
                wildcards: flag(&fields::ROLE_WILDCARDS),
                ips: flag(&fields::ROLE_IPS),
            },
            given,
        };
        if role.names.template {
            let example = Entity::default();
            for domain in &role.names.domains {
                expand(domain, &example)?;
            }
        }
        Ok(role)
    }

    /// Whether the allowed names depend on the caller.
    pub fn needs_entity(&self) -> bool {
        self.names.template
    }

    /// Refuses a name that this role does not allow. The policy of the config is checked separately.
    pub fn check_names(&self, names: &[San], entity: Option<&Entity>) -> Result<(), Error> {
        let mut allowed = Vec::new();
        for domain in &self.names.domains {
            if !self.names.template {
                allowed.push(domain.clone());
            } else if let Some(entity) = entity {
                allowed.extend(expand(domain, entity)?);
            }
        }
        names
            .iter()
            .try_for_each(|name| self.names.check(name, &allowed))
            .map_err(|why| {
                let text = format_args!("role {}: {why}", self.name);
                Error::BadRequest(ErrorTags::from(RefusalCode::Policy).before(text))
            })
    }

    /// Refuses a CSR whose key the role does not allow.
    pub fn check_key(&self, csr: &pki::Csr) -> Result<(), Error> {
        match self.key_type {
            KeyType::Only(spec) if csr.key_spec().ok() != Some(spec) => {
                Err(Error::bad_request(format!(
                    "role {} allows keys of {spec}, and the CSR's key is {}",
                    self.name,
                    csr.key_description().as_str()
                )))
            }
            _ => Ok(()),
        }
    }
}

fn key_type(given: &Values) -> Result<KeyType, Error> {
    let algorithm = match text(given, &fields::ROLE_KEY_TYPE).as_deref() {
        Some("rsa") => "RSA",
        Some("ec") => "EC",
        _ => return Ok(KeyType::Any),
    };
    let size = match (algorithm, given.integer(&fields::ROLE_KEY_BITS)) {
        (_, None | Some(0)) => None,
        ("EC", Some(bits)) => Some(format!("P-{bits}")),
        (_, Some(bits)) => Some(bits.to_string()),
    };
    KeySpec::parse(Some(algorithm), size.as_deref())
        .map(KeyType::Only)
        .map_err(|error| Error::bad_request(error.to_string()))
}

pub fn reuse_until(given: &Values) -> Result<RenewalWindow, Error> {
    let until = text(given, &fields::REUSE_UNTIL).unwrap_or_default();
    until.parse().map_err(|_| {
        Error::bad_request(format!(
            "reuse_until {until:?} is neither days (1 to 397) nor a percentage of the lifetime (1% to 90%)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};
    use vault_plugin::logical::Alias;

    fn role(fields: Json) -> Result<Role, Error> {
        let mut all = json!({"config": "web"});
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        let fields = all.as_object().unwrap().clone();
        Role::load(&"r".parse().unwrap(), &RoleRecord { fields })
    }

    fn allows(role: &Role, name: &str, entity: Option<&Entity>) -> bool {
        role.check_names(&[San::parse(name).unwrap()], entity)
            .is_ok()
    }

    #[test]
    fn names_are_allowed_as_vaults_own_engine_allows_them() {
        for (fields, yes, no) in [
            (json!({}), vec!["a.org", "*.a.org", "192.0.2.1"], vec![]),
            (
                json!({"allowed_domains": "example.com"}),
                vec!["192.0.2.1"],
                vec!["example.com", "www.example.com"],
            ),
            (
                json!({"allowed_domains": "Example.com", "allow_bare_domains": true, "allow_ip_sans": "false"}),
                vec!["example.com"],
                vec!["www.example.com", "*.example.com", "192.0.2.1"],
            ),
            (
                json!({"allowed_domains": "example.com", "allow_subdomains": true}),
                vec![
                    "www.example.com",
                    "a.b.example.com",
                    "*.example.com",
                    "*.a.example.com",
                ],
                vec!["example.com", "notexample.com", "example.com.evil.org"],
            ),
            (
                json!({"allowed_domains": "example.com", "allow_subdomains": true, "allow_wildcard_certificates": false}),
                vec!["www.example.com"],
                vec!["*.example.com"],
            ),
            (
                json!({"allowed_domains": "ftp*.example.com", "allow_glob_domains": true}),
                vec!["ftp.example.com", "ftp12.example.com"],
                vec!["www.example.com", "ftp.example.org"],
            ),
            (
                json!({"allowed_domains": "ftp*.example.com"}),
                vec![],
                vec!["ftp.example.com"],
            ),
            (
                json!({"allowed_domains": "example.com", "allow_any_name": true}),
                vec!["a.org"],
                vec![],
            ),
        ] {
            let role = role(fields.clone()).unwrap();
            for name in yes {
                assert!(allows(&role, name, None), "{fields} {name}");
            }
            for name in no {
                assert!(!allows(&role, name, None), "{fields} {name}");
            }
        }
    }

    #[test]
    fn a_template_is_filled_with_the_callers_identity_and_with_nothing_that_widens_it() {
        let templated = role(json!({
            "allowed_domains": ["{{identity.entity.name}}.example.com", "{{identity.entity.aliases.acc.metadata.ns}}.k8s.example.com"],
            "allowed_domains_template": true, "allow_bare_domains": true, "allow_glob_domains": true,
        }))
        .unwrap();
        let entity = |name: &str| Entity {
            name: name.to_owned(),
            aliases: vec![Alias {
                mount_accessor: "acc".to_owned(),
                metadata: [("ns".to_owned(), "shop".to_owned())].into(),
                ..Alias::default()
            }],
            ..Entity::default()
        };
        assert!(allows(
            &templated,
            "web1.example.com",
            Some(&entity("web1"))
        ));
        assert!(allows(
            &templated,
            "shop.k8s.example.com",
            Some(&entity("web1"))
        ));
        assert!(!allows(
            &templated,
            "web2.example.com",
            Some(&entity("web1"))
        ));
        assert!(!allows(&templated, "web2.example.com", Some(&entity("*"))));
        assert!(!allows(&templated, "web1.example.com", None));
        assert!(!allows(&templated, "evil.org", Some(&entity("evil.org#"))));
        for bad in [
            "{{identity.entity.nam}}.example.com",
            "{{identity.entity.name",
        ] {
            let bad = json!({"allowed_domains": bad, "allowed_domains_template": true});
            assert!(role(bad).is_err());
        }
    }

    #[test]
    fn key_types_are_those_of_vaults_own_engine() {
        for (fields, spec) in [
            (json!({"key_type": "rsa"}), "RSA 2048"),
            (json!({"key_type": "rsa", "key_bits": "4096"}), "RSA 4096"),
            (json!({"key_type": "ec", "key_bits": 256}), "EC P-256"),
            (json!({"key_type": "ec", "key_bits": 0}), "EC P-256"),
            (json!({"key_type": "ec", "key_bits": 521}), "EC P-521"),
        ] {
            match role(fields).unwrap().key_type {
                KeyType::Only(found) => assert_eq!(found.to_string(), spec),
                KeyType::Any => panic!("{spec}"),
            }
        }
        assert!(role(json!({"key_type": "rsa", "key_bits": 1024})).is_err());
        assert!(role(json!({"key_type": "ed25519"})).is_err());
    }
}
