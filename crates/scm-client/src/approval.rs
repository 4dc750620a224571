//! What an order waits for before SCM sends it to the CA, and how to decline an order that waits for approval.

use serde_json::json;

use super::ScmError;
use super::call::Call;
use super::ssl::Ssl;

impl Ssl<'_> {
    /// Declines an order that waits for approval. `message` has 1 to 512 characters.
    pub async fn decline(&self, ssl_id: i64, message: &str) -> Result<(), ScmError> {
        let path = ["ssl", "v1", "decline", &ssl_id.to_string()];
        let call = Call::post("decline", &path, json!({"message": message}));
        self.client().send(call).await.map(drop)
    }

    /// Whether the order waits for domain validation: SCM then lists a domain that is not validated. Customers that
    /// validate domains beforehand have no such list. SCM's documents disagree whether it is one object or an array.
    pub async fn waits_for_dcv(&self, ssl_id: i64) -> Result<bool, ScmError> {
        let path = ["ssl", "v1", &ssl_id.to_string(), "dcv"];
        let answer = self
            .client()
            .send(Call::get("domain validation", &path))
            .await?;
        let records = answer
            .records()
            .or_else(|_| answer.record().map(|record| vec![record]))?;
        Ok(records.iter().any(|record| {
            let log = record
                .record("dcvLog")
                .map(|log| log.records("log"))
                .unwrap_or_default();
            log.iter()
                .filter_map(|entry| entry.text("dcvStatus"))
                .any(|status| {
                    let word: String = status.chars().filter(char::is_ascii_alphabetic).collect();
                    !matches!(
                        word.to_ascii_lowercase().as_str(),
                        "validated" | "valid" | "done" | "ok" | "notrequired"
                    )
                })
        }))
    }
}
