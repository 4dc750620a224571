//! Records of many domains in the forms that name servers take.

use serde_json::{Value, json};

use super::super::output::pretty;
use super::super::{CliError, Ui};
use svpki_types::api::{DomainAnswer, DomainRecordAnswer};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Print {
    /// Lines of a zone file
    Bind,
    /// A change batch for `aws route53 change-resource-record-sets`
    Route53,
    Json,
}

const TTL: u32 = 300;

/// Prints what is to be published; domains without a record are left out.
pub fn print(ui: &Ui, domains: &[DomainAnswer], print: Print) -> Result<(), CliError> {
    let records: Vec<(&DomainAnswer, &DomainRecordAnswer)> = domains
        .iter()
        .filter_map(|domain| Some((domain, domain.record.as_ref()?)))
        .collect();
    if records.is_empty() {
        ui.status("Nothing is to be published: svpki domains start makes a record");
    }
    let files = records.iter().filter(|(_, record)| record.kind == "file");
    for (_, file) in files.filter(|_| print != Print::Json) {
        ui.warning(&format!(
            "{} is a file, no DNS record: it is left out",
            file.name
        ));
    }
    let dns = records.iter().filter(|(_, record)| record.kind != "file");
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
        Print::Route53 => {
            let changes: Vec<Value> = dns
                .map(|(_, record)| {
                    json!({
                        "Action": "UPSERT",
                        "ResourceRecordSet": {
                            "Name": record.name,
                            "Type": record.kind,
                            "TTL": TTL,
                            "ResourceRecords": [{ "Value": data(record) }],
                        },
                    })
                })
                .collect();
            ui.line(&pretty(&json!({ "Changes": changes }))?)
        }
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

/// The record's data as a zone file spells it: a text in quotes, with its quotes and backslashes escaped.
fn data(record: &DomainRecordAnswer) -> String {
    if record.kind != "TXT" {
        return record.value.clone();
    }
    let escaped = record.value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_survives_a_zone_file() {
        let record = DomainRecordAnswer {
            kind: "TXT".to_owned(),
            name: "_pki-validation.example.com.".to_owned(),
            value: "a\"b\\c;d`|".to_owned(),
        };
        assert_eq!(data(&record), r#""a\"b\\c;d`|""#);
    }
}
