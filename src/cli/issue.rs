//! `svpki issue ROLE`: gets a certificate through a role, like the clients of Vault's own PKI engine. The same command
//! again gets the same order or certificate, depending on the role's `reuse`.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::args::seconds;
use super::export::{chain_of, keystore_password, made, unreadable};
use super::fields::{SecretArgs, put};
use super::files::{Access, write_new};
use super::order_flow::{KeyDelivery, OutputArgs, is_of_unknown_outcome, key_delivery};
use super::{CliError, Context, Exit, Field, Tone, Ui, field, plain, record, toned};
use pki::{Format, Keystore, PrivateKey};
use svpki_types::{PendingOrder, RefusalCode, RoleName, Secret};
use tokio::time::{Instant, sleep};
use vault_client::{EngineClient, VaultError, VaultErrorKind};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The role to order by
    pub role: RoleName,
    /// The certificate's first name, such as www.example.com
    #[arg(long, value_name = "NAME")]
    pub common_name: Option<String>,
    /// Another name or address; may be given several times
    #[arg(long = "alt-name", value_name = "NAME", value_delimiter = ',')]
    pub alt_names: Vec<String>,
    /// Lifetime, such as 90d; without it as the role says
    #[arg(long, value_name = "DURATION")]
    pub ttl: Option<String>,
    /// How long to wait for the certificate, such as 90s or 10m; without it, as long as the role says
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub wait: Option<u64>,
    /// pem; pem_bundle: key, certificate and issuers in one; der: certificate and key, without the issuers; pkcs12, jks:
    /// all under a password; pkcs12_legacy: for Windows before Server 2019, macOS before 14 and old Java
    #[arg(long, default_value = "pem",
        value_parser = ["pem", "der", "pem_bundle", "pkcs12", "pkcs12_legacy", "jks"])]
    pub format: String,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
}

/// The server ends every request after this time.
const LONGEST_REQUEST: Duration = Duration::from_secs(90);

/// The pause between two requests for the same order. Each request waits in the server as long as the role says.
const PAUSE: Duration = Duration::from_secs(2);

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let (ui, output) = (&context.ui, &args.output);
    output.check()?;
    if args.keystore().is_some() && output.out.is_none() {
        return Err(
            CliError::usage(format!("{} is a file", args.format)).hinted("name it with --out")
        );
    }
    if args.is_bundle() && output.out.is_none() && !output.show_key {
        return Err(CliError::usage("a pem_bundle holds the private key")
            .hinted("name a file with --out, or say --show-key"));
    }
    let password = match args.keystore() {
        Some(format) => Some(keystore_password(context, &args.secret, format)?),
        None => None,
    };
    let mut fields = args.fields();
    if args.common_name.is_none() && args.alt_names.is_empty() {
        let name = ui.ask("Common name", None, "--common-name")?;
        put(&mut fields, "common_name", Some(name));
    }
    let role = args.role.as_str();
    let engine = context.engine_of_role(role).await?;
    check_key_is_kept(&engine, &args).await?;
    ui.unfinished(Some(
        "it is not known whether an order was placed: svpki orders list shows it".to_owned(),
    ));
    let wait = ui.spinner("waiting for the certificate");
    let deadline = Instant::now() + Duration::from_secs(args.wait.unwrap_or_default());
    let fields = Value::Object(fields);
    let patient = engine.patient(LONGEST_REQUEST)?;
    let mut answer = patient.issue(role, &fields).await;
    while answer
        .as_ref()
        .is_err_and(|error| Pending::of(error).is_some())
        && Instant::now() + PAUSE < deadline
    {
        sleep(PAUSE).await;
        answer = patient.issue(role, &fields).await;
    }
    wait.finish_and_clear();
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            if let Some(pending) = Pending::of(&error) {
                ui.unfinished(None);
                return pending.tell(ui);
            }
            if !is_of_unknown_outcome(&error) {
                ui.unfinished(None);
            }
            return Err(error.into());
        }
    };
    ui.unfinished(None);
    ui.warnings(&answer.warnings);
    match (args.keystore(), &password, &output.out) {
        (Some(format), Some(password), Some(path)) => {
            write_keystore(ui, &args, format, password, path, &answer.data)?;
        }
        _ => write_files(ui, &args, &answer.data)?,
    }
    show(ui, &args, answer.data)
}

impl Args {
    fn is_bundle(&self) -> bool {
        self.format == "pem_bundle"
    }

    /// The format, if it is a keystore. Keystores are made on this machine, so that no password leaves it.
    fn keystore(&self) -> Option<Format> {
        let format = Format::parse(&self.format).ok()?;
        format.needs_key_and_password().then_some(format)
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        put(&mut fields, "common_name", self.common_name.clone());
        put(&mut fields, "ttl", self.ttl.clone());
        let format = match self.keystore() {
            Some(_) => "pem",
            None => &self.format,
        };
        fields.insert("format".into(), format.into());
        let is_address = |name: &&String| name.parse::<IpAddr>().is_ok();
        let (addresses, names): (Vec<&String>, Vec<&String>) =
            self.alt_names.iter().partition(is_address);
        for (field, names) in [("alt_names", names), ("ip_sans", addresses)] {
            if !names.is_empty() {
                fields.insert(field.into(), json!(names));
            }
        }
        fields
    }
}

/// When the key is not written or shown, checks before the order that Vault will keep it.
async fn check_key_is_kept(engine: &EngineClient, args: &Args) -> Result<(), CliError> {
    let output = &args.output;
    let in_file = args.is_bundle() || args.keystore().is_some();
    if output.key_out.is_some() || output.show_key || in_file {
        return Ok(());
    }
    let kept = match engine.role(args.role.as_str()).await {
        Ok(role) => {
            let config = role.data.get("config").map(plain).unwrap_or_default();
            key_delivery(engine, &config, output, &Map::new()).await?
        }
        Err(error) if error.kind == VaultErrorKind::Denied => KeyDelivery::Unknown,
        Err(error) if error.kind == VaultErrorKind::NotFound && error.errors.is_empty() => {
            return Err(CliError::not_found(format!(
                "no role {} in {}/",
                args.role,
                engine.mount()
            ))
            .hinted("svpki roles list"));
        }
        Err(error) => return Err(error.into()),
    };
    if kept == KeyDelivery::Unknown {
        return Err(CliError::denied(
            "this token cannot see whether Vault keeps the private key; nothing was ordered",
        )
        .hinted("say where the key goes: --key-out FILE, or --show-key"));
    }
    Ok(())
}

/// What a 503 answer says: the request is pending, and the same command continues it.
enum Pending {
    Order(PendingOrder),
    /// There is no order id yet. The text says what the request waits for.
    WithoutOrder(String),
}

impl Pending {
    fn of(error: &VaultError) -> Option<Self> {
        let order = error.errors.iter().find_map(|text| text.parse().ok());
        let without =
            || (error.refusal == Some(RefusalCode::AskAgain)).then(|| error.errors.join("; "));
        order
            .map(Self::Order)
            .or_else(|| without().map(Self::WithoutOrder))
    }

    fn tell(&self, ui: &Ui) -> Result<Exit, CliError> {
        let status = || toned("Status", "pending", Tone::Warn);
        match self {
            Self::Order(PendingOrder {
                order,
                config,
                waits,
            }) => {
                let fields = [
                    field("Order", order),
                    field("Config", config),
                    status(),
                    field("Waits", waits),
                ];
                let data = json!({
                    "order_id": order.to_string(),
                    "config": config.to_string(),
                    "status": "pending",
                    "waits": waits,
                });
                record(ui, &fields, &data)?;
                ui.hint(&format!(
                    "svpki orders wait {config} {order}, then the same command again: it gets this order's certificate"
                ));
            }
            Self::WithoutOrder(waits) => {
                let data = json!({"status": "pending", "waits": waits});
                record(ui, &[status(), field("Waits", waits)], &data)?;
                ui.hint("the same command again, or with --wait 60s, orders nothing twice");
            }
        }
        Ok(Exit::Pending)
    }
}

fn write_keystore(
    ui: &Ui,
    args: &Args,
    format: Format,
    password: &Secret,
    path: &Path,
    data: &Map<String, Value>,
) -> Result<(), CliError> {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let issuers = data.get("ca_chain").and_then(Value::as_array);
    let issuers = issuers.into_iter().flatten().filter_map(Value::as_str);
    let issuers = issuers.collect::<Vec<_>>().join("\n");
    let chain = chain_of(text("certificate").as_bytes(), issuers.as_bytes()).map_err(unreadable)?;
    let key = PrivateKey::from_pem(text("private_key")).map_err(unreadable)?;
    let keystore = Keystore {
        password,
        alias: None,
    };
    let bytes = made(&chain, Some(&key), format, Some(keystore)).map_err(unreadable)?;
    let output = &args.output;
    if let Some(path) = &output.key_out {
        write_new(
            path,
            text("private_key").as_bytes(),
            Access::Owner,
            output.force,
        )?;
        ui.status(&format!("Private key written to {}", path.display()));
    }
    write_new(path, &bytes, Access::Owner, output.force)?;
    ui.status(&format!(
        "Certificate and key written to {}, entry {:?}",
        path.display(),
        format.alias(&chain.leaf, None)
    ));
    Ok(())
}

/// Writes the files. The key is written first, because everything that fails afterwards can be repeated.
fn write_files(ui: &Ui, args: &Args, data: &Map<String, Value>) -> Result<(), CliError> {
    let output = &args.output;
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let bytes = |text: &str| match args.format.as_str() {
        "der" => STANDARD
            .decode(text)
            .map_err(|_| CliError::failed("the server's answer is no base64")),
        _ => Ok(format!("{}\n", text.trim_end()).into_bytes()),
    };
    if let (Some(path), Some(key)) = (&output.key_out, text("private_key")) {
        let key = Zeroizing::new(bytes(key)?);
        write_new(path, &key, Access::Owner, output.force)?;
        ui.status(&format!("Private key written to {}", path.display()));
    }
    if let (Some(path), Some(certificate)) = (&output.out, text("certificate")) {
        let mut file = Zeroizing::new(bytes(certificate)?);
        let access = if args.is_bundle() {
            Access::Owner
        } else {
            Access::Everyone
        };
        if args.format == "pem" {
            let chain = data.get("ca_chain").and_then(Value::as_array);
            for issuer in chain.into_iter().flatten().filter_map(Value::as_str) {
                file.extend(bytes(issuer)?);
            }
        }
        write_new(path, &file, access, output.force)?;
        ui.status(&format!("Certificate written to {}", path.display()));
    }
    Ok(())
}

/// Shows the answer without the key, unless `--show-key` is given.
fn show(ui: &Ui, args: &Args, mut data: Map<String, Value>) -> Result<Exit, CliError> {
    if !args.output.show_key {
        data.remove("private_key");
        if args.is_bundle() {
            data.remove("certificate");
        }
    }
    let of = |name: &str| data.get(name).map(plain).unwrap_or_default();
    let ends = data.get("expiration").and_then(Value::as_i64);
    let ends = ends.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let key = match args.is_bundle() {
        true => of("certificate"),
        false => of("private_key"),
    };
    let key = if args.output.show_key {
        key
    } else {
        String::new()
    };
    let fields: [Field<'_>; 6] = [
        field("Role", &args.role),
        field(
            "Common name",
            args.common_name.as_deref().unwrap_or_default(),
        ),
        field("Order", of("order_id")),
        field("Serial number", of("serial_number")),
        field(
            "Not after",
            ends.map(|ends| ends.to_string()).unwrap_or_default(),
        ),
        field("Private key", key),
    ];
    record(ui, &fields, &data)?;
    Ok(Exit::Done)
}
