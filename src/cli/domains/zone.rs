//! Prints the records of many domains in the formats of name servers.

use serde_json::{Value, json};

use super::super::output::pretty;
use super::super::{CliError, Ui};
use svpki_types::api::{DcvRecordResponse, DomainResponse};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Print {
    /// Lines of a zone file
    Bind,
    /// A change batch for `aws route53 change-resource-record-sets`
    Route53,
    Json,
}

const TTL: u32 = 300;

/// Prints the records to publish, each once. Domains without a record are left out.
pub fn print(ui: &Ui, domains: &[DomainResponse], print: Print) -> Result<(), CliError> {
    let records = records(domains);
    if records.is_empty() {
        ui.status("Nothing is to be published: svpki domains start makes a record");
    }
    let (files, dns): (Vec<_>, Vec<_>) = records
        .iter()
        .copied()
        .partition(|(_, record)| record.kind == "file");
    for (_, file) in files.iter().filter(|_| print != Print::Json) {
        ui.warning(&format!(
            "{} is a file, no DNS record: it is left out",
            file.name
        ));
    }
    match print {
        Print::Bind => {
            for (_, record) in dns {
                ui.line(&format!(
                    "{} {TTL} IN {} {}",
                    record.name,
                    record.kind,
                    data(record)
                ))?;
            }
            Ok(())
        }
        Print::Route53 => ui.line(&pretty(&change_batch(&dns))?),
        Print::Json => {
            let all: Vec<Value> = records
                .iter()
                .map(|(domain, record)| {
                    json!({
                        "domain": domain.domain,
                        "type": record.kind,
                        "name": record.name,
                        "value": record.value,
                    })
                })
                .collect();
            ui.line(&pretty(&Value::Array(all))?)
        }
    }
}

type Published<'a> = (&'a DomainResponse, &'a DcvRecordResponse);

/// The records without repetitions. Configs of the same account have the same domains, and `x` and `*.x` have the same
/// record.
fn records(domains: &[DomainResponse]) -> Vec<Published<'_>> {
    let mut records: Vec<Published> = Vec::new();
    for domain in domains {
        let Some(record) = &domain.record else {
            continue;
        };
        let is_known = records
            .iter()
            .any(|(_, known)| is_same_set(known, record) && known.value == record.value);
        if !is_known {
            records.push((domain, record));
        }
    }
    records
}

/// Whether the records have the same name and type, so that they are in the same record set.
fn is_same_set(one: &DcvRecordResponse, other: &DcvRecordResponse) -> bool {
    one.kind == other.kind && one.name.eq_ignore_ascii_case(&other.name)
}

/// A change batch for Route 53, which accepts a record set only once in a batch, with all its values.
fn change_batch(dns: &[Published]) -> Value {
    let mut sets: Vec<Vec<&DcvRecordResponse>> = Vec::new();
    for (_, record) in dns {
        match sets.iter_mut().find(|set| is_same_set(set[0], record)) {
            Some(set) => set.push(record),
            None => sets.push(vec![record]),
        }
    }
    let change = |set: &Vec<&DcvRecordResponse>| {
        let values: Vec<Value> = set
            .iter()
            .map(|record| json!({ "Value": data(record) }))
            .collect();
        json!({
            "Action": "UPSERT",
            "ResourceRecordSet": {
                "Name": set[0].name,
                "Type": set[0].kind,
                "TTL": TTL,
                "ResourceRecords": values,
            },
        })
    };
    json!({ "Changes": sets.iter().map(change).collect::<Vec<_>>() })
}

/// The record's data in the notation of a zone file: text is quoted, with quotes and backslashes escaped.
fn data(record: &DcvRecordResponse) -> String {
    if record.kind != "TXT" {
        return record.value.clone();
    }
    let escaped = record.value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(config: &str, name: &str, value: &str) -> DomainResponse {
        DomainResponse {
            config: config.to_owned(),
            record: Some(DcvRecordResponse {
                kind: "TXT".to_owned(),
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            ..DomainResponse::default()
        }
    }

    /// Route 53 refuses a batch that contains a record set twice.
    #[test]
    fn a_record_of_two_configs_is_printed_once() {
        let domains = [
            domain("one", "_a.example.com.", "1"),
            domain("two", "_A.example.com.", "1"),
            domain("other", "_a.example.com.", "2"),
            DomainResponse::default(),
        ];
        let records = records(&domains);
        assert_eq!(records.len(), 2);
        let batch = change_batch(&records);
        let changes = batch["Changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1);
        let values = &changes[0]["ResourceRecordSet"]["ResourceRecords"];
        assert_eq!(*values, json!([{"Value": "\"1\""}, {"Value": "\"2\""}]));
    }

    #[test]
    fn a_text_survives_a_zone_file() {
        let record = DcvRecordResponse {
            kind: "TXT".to_owned(),
            name: "_pki-validation.example.com.".to_owned(),
            value: "a\"b\\c;d`|".to_owned(),
        };
        assert_eq!(data(&record), r#""a\"b\\c;d`|""#);
    }
}
