//! Which certificates: `status:expiring exp<30d cn:*.example.com issuer:"Old CA"`, every word narrowing the choice.

use svpki_types::Status;
use svpki_types::api::InventoryRow;
use vault_client::InventoryQuery;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub query: InventoryQuery,
    /// What the common name must match; `*` stands for any text.
    names: Vec<String>,
    /// What the issuer's name must hold, or match when there is a `*` in it.
    issuers: Vec<String>,
    profile: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error(
        "the filter names nothing: write for example 'status:expiring', 'exp<30d' or 'cn:*.example.com'"
    )]
    Empty,
    #[error("{word:?} in the filter: {why}")]
    Word { word: String, why: String },
}

impl Filter {
    /// Reads a filter. Without a status it means the certificates in use.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        let words = words(text)?;
        let mut free = Vec::new();
        for word in &words {
            let fault = |why: String| FilterError::Word {
                word: word.clone(),
                why,
            };
            let expiry = word
                .strip_prefix("exp")
                .map(|rest| rest.strip_prefix("ires").unwrap_or(rest));
            if let Some(until) = expiry.and_then(|rest| rest.strip_prefix('<')) {
                filter.query.expires_before = until.to_owned();
            } else if let Some(from) = expiry.and_then(|rest| rest.strip_prefix('>')) {
                filter.query.expires_after = from.to_owned();
            } else if let Some((key, value)) = word.split_once(':') {
                match key {
                    "status" => {
                        for name in value.split(',') {
                            let status: Status =
                                name.parse().map_err(|why| fault(format!("{why}")))?;
                            filter.query.status.push(status);
                        }
                    }
                    "cn" => filter.names.push(value.to_lowercase()),
                    "issuer" => filter.issuers.push(value.to_lowercase()),
                    "profile" => {
                        let id = value
                            .parse()
                            .map_err(|_| fault("a profile is a number".into()))?;
                        filter.profile = Some(id);
                    }
                    _ => {
                        return Err(fault(
                            "there is status:, cn:, issuer:, profile:, exp< and exp>".into(),
                        ));
                    }
                }
            } else {
                free.push(word.as_str());
            }
        }
        if filter == Self::default() && free.is_empty() {
            return Err(FilterError::Empty);
        }
        filter.query.q = free.join(" ");
        if filter.query.status.is_empty() {
            filter.query.status = vec![Status::Issued, Status::Expiring];
        }
        Ok(filter)
    }

    /// What the server's own filters leave to us.
    pub fn matches(&self, row: &InventoryRow) -> bool {
        let name = row.common_name.to_lowercase();
        let issuer = row.issuer.to_lowercase();
        let issued_by = |wanted: &String| match wanted.contains('*') {
            true => glob(wanted, &issuer),
            false => issuer.contains(wanted.as_str()),
        };
        self.names.iter().all(|pattern| glob(pattern, &name))
            && self.issuers.iter().all(issued_by)
            && self
                .profile
                .is_none_or(|profile| row.profile_id == Some(profile))
    }
}

/// The words of a filter; quotation marks keep one together that has spaces in it.
fn words(text: &str) -> Result<Vec<String>, FilterError> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    if quoted {
        let why = "a quotation mark is not closed".to_owned();
        return Err(FilterError::Word { word, why });
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    Ok(words)
}

/// `*` stands for any text, everything else for itself.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_narrow_the_choice() {
        let filter = Filter::parse("status:expiring,issued exp<30d cn:*.example.com web").unwrap();
        assert_eq!(filter.query.status, [Status::Expiring, Status::Issued]);
        assert_eq!(filter.query.expires_before, "30d");
        assert_eq!(filter.query.q, "web");
        let row = |name: &str| InventoryRow {
            common_name: name.into(),
            ..InventoryRow::default()
        };
        assert!(filter.matches(&row("A.example.com")));
        assert!(!filter.matches(&row("example.com")));
        assert_eq!(Filter::parse(" "), Err(FilterError::Empty));
        assert!(Filter::parse("status:good").is_err());
        assert!(Filter::parse("color:red").is_err());
    }

    #[test]
    fn an_issuer_is_named_in_quotation_marks() {
        let row = |issuer: &str| InventoryRow {
            issuer: issuer.into(),
            ..InventoryRow::default()
        };
        let filter = Filter::parse("issuer:\"Sectigo Public Server R36\"").unwrap();
        assert!(filter.matches(&row("CN=Sectigo Public Server R36, O=Sectigo Limited")));
        assert!(!filter.matches(&row("CN=Sectigo Public Server R46, O=Sectigo Limited")));
        let filter = Filter::parse("issuer:*r46").unwrap();
        assert!(filter.matches(&row("Sectigo Public Server R46")));
        assert!(!filter.matches(&row("Sectigo Public Server R46, O=Sectigo Limited")));
        assert!(Filter::parse("issuer:\"Sectigo").is_err());
    }

    #[test]
    fn stars() {
        for (pattern, text, matches) in [
            ("a*c", "abc", true),
            ("a*c", "abd", false),
            ("*", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("*b*", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }
}
