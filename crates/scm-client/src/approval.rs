//! What a request waits for before the CA gets it, and how to decline it while it waits.

use serde_json::json;

use super::ScmError;
use super::call::Call;
use super::ssl::Ssl;

impl Ssl<'_> {
    /// Declines a request that waits for approval. `message`: 1 to 512 characters.
    pub async fn decline(&self, ssl_id: i64, message: &str) -> Result<(), ScmError> {
        let path = ["ssl", "v1", "decline", &ssl_id.to_string()];
        let call = Call::post("decline", &path, json!({"message": message}));
        self.client().send(call).await.map(drop)
    }

    /// Whether domain control is still to be shown: SCM lists a domain whose validation is not done. A tenant that
    /// validates domains beforehand has no such list, and SCM's documents disagree whether it is one object or an
    /// array of them.
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
