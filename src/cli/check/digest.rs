//! Groups findings by owner, team, ticket or config, for programs, for a mail text, and for a webhook.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::super::{CliError, Column, Context, Format, List, Tone, column, csv_column, plural};
use super::{Finding, tone_of_finding};

/// What findings are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    Owner,
    Team,
    Ticket,
    Config,
}

/// The findings of one owner (team, ticket, config). Without a name: findings that have none.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) by: &'static str,
    pub(super) name: String,
    /// The number of findings of each kind.
    pub(super) counts: BTreeMap<&'static str, usize>,
    pub(super) findings: Vec<Finding>,
}

const COLUMNS: [Column; 14] = [
    column("group", "FOR"),
    column("finding", "FINDING"),
    column("common_name", "NAME"),
    column("days_left", "DAYS LEFT"),
    column("id", "ID"),
    column("config", "CONFIG"),
    column("message", "MESSAGE"),
    csv_column("not_after"),
    csv_column("mount"),
    csv_column("role"),
    csv_column("owner"),
    csv_column("team"),
    csv_column("ticket"),
    csv_column("notice"),
];

impl By {
    fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Team => "team",
            Self::Ticket => "ticket",
            Self::Config => "config",
        }
    }

    fn of(self, finding: &Finding) -> &str {
        match self {
            Self::Owner => &finding.owner,
            Self::Team => &finding.team,
            Self::Ticket => &finding.ticket,
            Self::Config => &finding.config,
        }
    }
}

pub(super) fn groups(findings: Vec<Finding>, by: By) -> Vec<Group> {
    let mut named: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        let name = by.of(&finding).to_owned();
        named.entry(name).or_default().push(finding);
    }
    named
        .into_iter()
        .map(|(name, findings)| {
            let mut counts = BTreeMap::new();
            for finding in &findings {
                *counts.entry(finding.finding).or_default() += 1;
            }
            Group {
                by: by.as_str(),
                name,
                counts,
                findings,
            }
        })
        .collect()
}

/// Programs get each group with its findings; people get a line for each finding.
pub(super) fn show(context: &Context, groups: &[Group], seen: usize) -> Result<(), CliError> {
    let mut list = List::new(&context.ui, &COLUMNS);
    for group in groups {
        if matches!(context.ui.format(), Format::Json | Format::Yaml) {
            list.push(group, |_| Tone::Plain)?;
            continue;
        }
        for finding in &group.findings {
            let mut row =
                serde_json::to_value(finding).map_err(|why| CliError::failed(why.to_string()))?;
            row["group"] = json!(group.name);
            let tone = tone_of_finding(finding);
            list.push(
                &row,
                |key| if key == "finding" { tone } else { Tone::Plain },
            )?;
        }
    }
    list.end(&super::all_well(seen))
}

/// The headings of the mail, in their order.
const HEADINGS: [&str; 4] = [
    "Ended, or ending soon",
    "Failed, or blocked",
    "Waiting",
    "No hurry",
];

/// The heading for a finding. Every kind has one.
fn heading(finding: &Finding) -> &'static str {
    match finding.finding {
        _ if finding.notice => HEADINGS[3],
        "expired" | "expires" | "chain_ends" => HEADINGS[0],
        "order_waits" => HEADINGS[2],
        _ => HEADINGS[1],
    }
}

/// Plain text for people who do not run `svpki`, with a part for each group.
pub(super) fn mail(groups: &[Group], seen: usize) -> String {
    if groups.is_empty() {
        return format!("{}.\n", super::all_well(seen));
    }
    let parts: Vec<String> = groups.iter().map(Group::mail).collect();
    parts.join("\n\n")
}

impl Group {
    fn mail(&self) -> String {
        let whom = match self.name.as_str() {
            "" => format!("No {}", self.by),
            name => format!("{} {name}", capital(self.by)),
        };
        let count = plural(self.findings.len(), "finding", "findings");
        let mut text = format!("{whom}: {count}\n");
        for title in HEADINGS {
            let found: Vec<&Finding> = self
                .findings
                .iter()
                .filter(|finding| heading(finding) == title)
                .collect();
            if found.is_empty() {
                continue;
            }
            text.push_str(&format!("\n{title}:\n"));
            for finding in found {
                text.push_str(&finding.line());
            }
        }
        text
    }
}

impl Finding {
    fn line(&self) -> String {
        let what = match self.common_name.as_str() {
            "" if self.config.is_empty() => format!("mount {}/", self.mount),
            "" => format!("config {} of {}/", self.config, self.mount),
            name => format!("{name} (config {} of {}/)", self.config, self.mount),
        };
        let when = match (self.finding, self.days_left) {
            ("expired", _) => format!(" ended on {}", super::super::day(&self.not_after)),
            (_, Some(days)) => format!(
                " ends on {}, in {}",
                super::super::day(&self.not_after),
                plural(usize::try_from(days).unwrap_or_default(), "day", "days")
            ),
            _ => String::new(),
        };
        let why = match self.message.as_str() {
            "" => String::new(),
            message => format!(": {message}"),
        };
        format!("  - {what}{when}{why}\n")
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(finding: &'static str, owner: &str, name: &str) -> Finding {
        Finding {
            finding,
            owner: owner.into(),
            common_name: name.into(),
            not_after: "2026-12-24T10:00:00Z".into(),
            days_left: (finding == "expires").then_some(26),
            config: "web".into(),
            mount: "pki".into(),
            ..Finding::default()
        }
    }

    #[test]
    fn a_mail_tells_each_owner_what_ends_what_failed_and_what_waits() {
        let mut failed = finding("order_failed", "", "api.example.com");
        failed.message = "declined".into();
        let all = vec![
            finding("expires", "shop", "www.example.com"),
            failed,
            finding("expired", "shop", "old.example.com"),
            finding("order_waits", "shop", "new.example.com"),
            finding("names_missing", "shop", "less.example.com"),
        ];
        let groups = groups(all, By::Owner);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[1].counts["expires"], 1);
        assert_eq!(
            mail(&groups, 5),
            "No owner: 1 finding\n\nFailed, or blocked:\n  \
             - api.example.com (config web of pki/): declined\n\n\n\
             Owner shop: 4 findings\n\nEnded, or ending soon:\n  \
             - www.example.com (config web of pki/) ends on 2026-12-24, in 26 days\n  \
             - old.example.com (config web of pki/) ended on 2026-12-24\n\n\
             Failed, or blocked:\n  - less.example.com (config web of pki/)\n\n\
             Waiting:\n  - new.example.com (config web of pki/)\n"
        );
    }
}
