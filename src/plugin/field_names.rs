//! Many fields have two names: that of the documented plugin, and that of Vault's own PKI engine. A config may accept
//! only one of them, so that a server policy with rules on parameters need not list both.

use super::{field_values, fields};
use vault_plugin::framework::Values;
use vault_plugin::logical::Error;

/// Which names requests may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldNames {
    #[default]
    Both,
    Sectigo,
    Short,
}

impl FieldNames {
    pub fn of(config: &Values) -> Self {
        match field_values::text(config, &fields::FIELD_NAMES).as_deref() {
            Some("sectigo") => Self::Sectigo,
            Some("short") => Self::Short,
            _ => Self::Both,
        }
    }

    /// Refuses a request that uses the other name of a field.
    pub fn check(self, request: &Values) -> Result<(), Error> {
        let pairs = pairs();
        for name in request.spelled() {
            let instead: Vec<&str> = match self {
                Self::Both => return Ok(()),
                Self::Sectigo => others(&pairs, |(long, short)| (short == name).then_some(long)),
                Self::Short => others(&pairs, |(long, short)| (long == name).then_some(short)),
            };
            if !instead.is_empty() {
                return Err(Error::bad_request(format!(
                    "{name} is not accepted: this config has field_names={}; write {}",
                    self.as_str(),
                    instead.join(" or ")
                )));
            }
        }
        Ok(())
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Sectigo => "sectigo",
            Self::Short => "short",
        }
    }
}

type Pair = (&'static str, &'static str);

fn others(pairs: &[Pair], other: impl Fn(Pair) -> Option<&'static str>) -> Vec<&'static str> {
    pairs.iter().filter_map(|pair| other(*pair)).collect()
}

/// Pairs of the documented plugin's name and the short name of a field.
fn pairs() -> Vec<Pair> {
    let declared = [
        fields::SUBJECT,
        fields::SSL,
        fields::CLIENT,
        fields::REVOKE,
        fields::REPLACE,
    ];
    let aliases = declared
        .into_iter()
        .flatten()
        .flat_map(|field| field.aliases.iter().map(|alias| (field.name, *alias)));
    let fields_of_their_own = [
        (&fields::SSL_TYPE, &fields::PROFILE_ID),
        (&fields::CLIENT_TYPE, &fields::PROFILE_ID),
        (&fields::SSL_VALIDITY, &fields::TERM),
        (&fields::CLIENT_VALIDITY, &fields::TERM),
    ];
    let mut pairs: Vec<Pair> = aliases
        .chain(fields_of_their_own.map(|(long, short)| (long.name, short.name)))
        .collect();
    pairs.extend(
        fields::COMMON_NAME
            .aliases
            .iter()
            .map(|short| (fields::REPLACE_COMMON_NAME.name, *short)),
    );
    pairs.dedup();
    pairs
}
