//! Places an order for enroll, renew and replace, and never a second one, even when a request fails and is sent again.
//! Waits for the certificate on request. The private key is never lost, and is only shown on request.

use std::path::PathBuf;
use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until};

use super::args::seconds;
use super::files::{Access, check_free, write_new};
use super::{CliError, Context, Exit, Ui, render};
use svpki_types::api::{CertificateResponse, OrderResponse};
use svpki_types::{Backoff, CertId, OrderId, OrderState, RefusalCode, Status};
use vault_client::{Answered, EngineClient, VaultError, VaultErrorKind};

/// Flags of every command that orders.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PlaceArgs {
    /// How long to wait for the certificate, such as 90s or 10m; without it, as long as the config says
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub wait: Option<u64>,
    /// Repeating a command with the same key gives the first result instead of a second order
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Where a certificate and its key go.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct OutputArgs {
    /// Write the certificate and its issuers to this file, as PEM
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the private key to this file, readable by its owner only
    #[arg(long, value_name = "FILE")]
    pub key_out: Option<PathBuf>,
    /// Show the private key with the rest of the answer
    #[arg(long)]
    pub show_key: bool,
    /// Overwrite files that exist
    #[arg(long)]
    pub force: bool,
}

impl OutputArgs {
    /// Checks that the files can be written, before anything is ordered.
    pub fn check(&self) -> Result<(), CliError> {
        for path in self.out.iter().chain(&self.key_out) {
            check_free(path, self.force)?;
        }
        Ok(())
    }
}

/// The kind of order, with the id of the certificate to renew or replace.
#[derive(Debug, Clone, Copy)]
pub enum Order<'a> {
    Enroll,
    Renew(&'a str),
    Replace(&'a str),
}

/// The longest wait within one request, in seconds, because the server ends a request after 90 seconds. For a longer
/// wait the order is polled.
const LONGEST_IN_REQUEST: u64 = 60;

/// The time that the server needs in addition to the wait, to make a key and to get SCM's answers.
const MARGIN: Duration = Duration::from_secs(30);

pub async fn submit(
    context: &Context,
    engine: &EngineClient,
    config: &str,
    order: Order<'_>,
    args: &PlaceArgs,
    mut fields: Map<String, Value>,
) -> Result<Exit, CliError> {
    args.output.check()?;
    let key_delivery = key_delivery(engine, config, &args.output, &fields).await?;
    let key = match (&args.idempotency_key, fields.get("idempotency_key")) {
        (Some(key), _) => key.clone(),
        (None, Some(key)) => super::plain(key),
        (None, None) => random_key()?,
    };
    fields.insert("idempotency_key".into(), key.clone().into());
    if let Some(wait) = args.wait {
        fields.insert(
            "sectigo_max_timeout".into(),
            wait.min(LONGEST_IN_REQUEST).into(),
        );
    }
    let again = format!(
        "it is not known whether the order was placed; run the same command with --idempotency-key {key} \
         to get its result without a second order"
    );
    context.ui.unfinished(Some(again.clone()));
    let started = Instant::now();
    let wait = context.ui.spinner("waiting for the certificate");
    let answer = send(engine, config, order, &Value::Object(fields)).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            wait.finish_and_clear();
            if !is_of_unknown_outcome(&error) {
                context.ui.unfinished(None);
            }
            return Err(error.into());
        }
    };
    let mut certificate = answer.value;
    context.ui.unfinished(Some(format!(
        "order {} goes on in Vault: svpki orders wait {config} {}",
        certificate.order_id, certificate.order_id
    )));
    let first_key = certificate.private_key.take();
    if certificate.status == Some(Status::Pending)
        && let Some(seconds) = args.wait
    {
        let deadline = started + Duration::from_secs(seconds);
        certificate = wait_until_issued(engine, config, certificate, deadline, |denied| {
            wait.suspend(|| context.ui.warning(denied));
        })
        .await?;
    }
    wait.finish_and_clear();
    context.ui.unfinished(None);
    context.ui.warnings(&answer.warnings);
    certificate.private_key = certificate.private_key.or(first_key);
    deliver(context, engine, config, args, certificate, key_delivery).await
}

/// Waits for an open order until the deadline, and returns its state. `warn` is called once when the token may read
/// orders but not update them: then only the plugin's own poll, once a minute, can bring news.
pub async fn wait_until_issued(
    engine: &EngineClient,
    config: &str,
    mut certificate: CertificateResponse,
    deadline: Instant,
    warn: impl Fn(&str),
) -> Result<CertificateResponse, CliError> {
    let backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(5));
    let (mut looks, mut may_poll) = (0_u32, true);
    while Instant::now() < deadline {
        sleep_until((Instant::now() + backoff.after(looks)).min(deadline)).await;
        let id = &certificate.order_id;
        let mut polled = None;
        if may_poll && looks.is_multiple_of(LOOKS_PER_POLL) {
            match engine.poll_order(config, id).await {
                Err(error) if error.kind == VaultErrorKind::Denied => {
                    may_poll = false;
                    warn(&format!(
                        "this token may not ask SCM itself (needs update on {}): waiting for the plugin's own look, \
                         once a minute",
                        engine.path(&format!("orders/{config}/{id}"))
                    ));
                }
                // For any other error, read the order as Vault has it.
                answer => polled = answer.ok(),
            }
        }
        let looked = match polled {
            Some(order) => Ok(order),
            None => engine.order(config, id).await,
        };
        let order = match looked {
            Ok(order) => Some(order.value),
            // The record of an order may be removed once the order has ended. Then only its certificate is left.
            Err(error) if error.kind == VaultErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(found) = outcome(engine, config, &mut certificate, order).await? {
            return Ok(found);
        }
        looks += 1;
    }
    Ok(certificate)
}

/// How many reads from Vault there are for each question to SCM. In the long run SCM is asked every 20 seconds.
const LOOKS_PER_POLL: u32 = 4;

/// The result of an order, which may no longer exist: `None` while it is open, else its certificate. When it ended
/// without one, this is an error.
pub async fn outcome(
    engine: &EngineClient,
    config: &str,
    certificate: &mut CertificateResponse,
    order: Option<OrderResponse>,
) -> Result<Option<CertificateResponse>, CliError> {
    if let Some(order) = order {
        if !order.sectigo_cert_unique_id.is_empty() {
            certificate.sectigo_cert_unique_id = order.sectigo_cert_unique_id;
        }
        match order.state {
            Some(OrderState::Issued) => {}
            Some(state) if state.is_final() => {
                let mut error = CliError::failed(format!(
                    "the order ended as {state}: {}",
                    order.last_message
                ));
                error.scm_code = order.last_scm_code;
                return Err(error);
            }
            _ => return Ok(None),
        }
    }
    let id = &certificate.sectigo_cert_unique_id;
    if id.is_empty() {
        return Err(CliError::not_found(format!(
            "order {} is gone, and no certificate came of it",
            certificate.order_id
        )));
    }
    Ok(Some(engine.readcert(config, id, None).await?.value))
}

async fn send(
    engine: &EngineClient,
    config: &str,
    order: Order<'_>,
    fields: &Value,
) -> Result<Answered<CertificateResponse>, VaultError> {
    let inside = fields.get("sectigo_max_timeout").and_then(Value::as_u64);
    let patience = Duration::from_secs(inside.unwrap_or(LONGEST_IN_REQUEST)) + MARGIN;
    let engine = engine.patient(patience)?;
    match order {
        Order::Enroll => engine.enroll(config, fields).await,
        Order::Renew(id) => engine.renew(config, id, fields).await,
        Order::Replace(id) => engine.replace(config, id, fields).await,
    }
}

/// What happens to the private key, as far as it is known before the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyDelivery {
    /// The config stores keys.
    Stored,
    /// The caller receives the key, or there is none because of a CSR.
    Returned,
    /// The token may not read the config.
    Unknown,
}

pub async fn key_delivery(
    engine: &EngineClient,
    config: &str,
    output: &OutputArgs,
    fields: &Map<String, Value>,
) -> Result<KeyDelivery, CliError> {
    let own_csr = fields.contains_key("csr") || fields.contains_key("sectigo_csr");
    if own_csr || output.key_out.is_some() || output.show_key {
        return Ok(KeyDelivery::Returned);
    }
    match engine.config(config).await {
        Ok(answer)
            if answer
                .data
                .get("key_storage")
                .is_some_and(|value| value == "once") =>
        {
            Err(CliError::usage(format!(
                "config {config} hands a private key out once and does not keep it"
            ))
            .hinted("say where it goes: --key-out FILE, or --show-key"))
        }
        Ok(_) => Ok(KeyDelivery::Stored),
        Err(error) if error.kind == VaultErrorKind::Denied => Ok(KeyDelivery::Unknown),
        Err(error) => Err(error.into()),
    }
}

async fn deliver(
    context: &Context,
    engine: &EngineClient,
    config: &str,
    args: &PlaceArgs,
    mut certificate: CertificateResponse,
    key_delivery: KeyDelivery,
) -> Result<Exit, CliError> {
    let ui = &context.ui;
    let output = &args.output;
    let id = certificate.sectigo_cert_unique_id.clone();
    let wanted = output.key_out.is_some() || output.show_key;
    if wanted && !certificate.certificate.is_empty() && certificate.private_key.is_none() {
        match engine.key(config, &id).await {
            Ok(answer) => certificate.private_key = answer.value.private_key,
            Err(error) => ui.warning(&format!("the private key cannot be read: {error}")),
        }
    }
    if let Some(key) = &certificate.private_key
        && !wanted
        && key_delivery == KeyDelivery::Unknown
        && engine.key(config, &id).await.is_err()
    {
        // This may be the only copy of the key. An unneeded file is better than a paid certificate without a key.
        let path = key_file(&id, &certificate.order_id)?;
        write_new(&path, key.as_bytes(), Access::Owner, output.force)?;
        ui.warning(&format!(
            "this token cannot see whether Vault keeps the private key: it was written to {}",
            path.display()
        ));
    }
    write_outputs(ui, output, &certificate)?;
    render::certificate(ui, &certificate, output.show_key)?;
    Ok(match certificate.status {
        Some(Status::Pending) => {
            ui.hint(&format!(
                "svpki orders wait {config} {}",
                certificate.order_id
            ));
            Exit::Pending
        }
        Some(Status::Declined | Status::Rejected | Status::Failed) => Exit::Failed,
        _ => {
            if !wanted && key_delivery == KeyDelivery::Stored {
                ui.hint(&format!(
                    "svpki certs export {config} {id} --format pem_bundle --out FILE exports it with its key"
                ));
            }
            Exit::Done
        }
    })
}

/// Writes the requested files. The key is written first, because everything that fails afterwards can be repeated.
pub fn write_outputs(
    ui: &Ui,
    output: &OutputArgs,
    certificate: &CertificateResponse,
) -> Result<(), CliError> {
    if let (Some(key), Some(path)) = (&certificate.private_key, &output.key_out) {
        write_new(path, key.as_bytes(), Access::Owner, output.force)?;
        ui.status(&format!("Private key written to {}", path.display()));
    }
    if let Some(path) = &output.out
        && !certificate.certificate.is_empty()
    {
        let mut pem = certificate.certificate.trim_end().to_owned();
        for issuer in &certificate.ca_chain {
            pem = format!("{pem}\n{}", issuer.trim());
        }
        write_new(
            path,
            format!("{pem}\n").as_bytes(),
            Access::Everyone,
            output.force,
        )?;
        ui.status(&format!("Certificate written to {}", path.display()));
    }
    Ok(())
}

/// The name of a key file in the current folder. An id from the server is only used if it is valid, so that it cannot
/// name another path.
fn key_file(id: &str, order_id: &str) -> Result<PathBuf, CliError> {
    let name = match (id.parse::<CertId>(), order_id.parse::<OrderId>()) {
        (Ok(id), _) => id.to_string(),
        (_, Ok(order)) => order.to_string(),
        _ => random_key()?,
    };
    Ok(PathBuf::from(format!("{name}.key")))
}

/// Whether the request may have succeeded in spite of the error.
pub fn is_of_unknown_outcome(error: &VaultError) -> bool {
    // An order that has ended is not in doubt, whatever SCM's answer was.
    let is_known = matches!(
        error.refusal,
        Some(RefusalCode::OrderEnded | RefusalCode::NothingOrdered)
    );
    !is_known
        && matches!(
            error.kind,
            VaultErrorKind::Timeout
                | VaultErrorKind::Unreachable
                | VaultErrorKind::ServerFault
                | VaultErrorKind::Upstream
                | VaultErrorKind::InvalidAnswer
        )
}

/// A new random idempotency key.
pub fn random_key() -> Result<String, CliError> {
    let mut bytes = [0; 12];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| CliError::failed("the system gives no random numbers"))?;
    Ok(format!("svpki-{}", hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_id_does_not_choose_the_folder_of_a_key() {
        let file = |id, order| key_file(id, order).unwrap().display().to_string();
        assert_eq!(file("1001_example", "0d2c"), "1001_example.key");
        assert_eq!(file("", "0d2c"), "0d2c.key");
        assert_eq!(file("../../.ssh/authorized_keys", "0d2c"), "0d2c.key");
        for bad in ["../x", "/etc/x", "a/b", "..", ""] {
            let name = file(bad, bad);
            assert!(name.starts_with("svpki-") && !name.contains('/'), "{name}");
        }
    }
}
