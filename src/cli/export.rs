//! `svpki certs export CONFIG ID`: a certificate as a file. The formats are made on this machine, so that no password
//! leaves it.

use std::path::{Path, PathBuf};

use super::fields::SecretArgs;
use super::files::{Access, check_free, write_new};
use super::find::CertRef;
use super::{CliError, Context, Exit};
use pki::{
    Certificate, Chain, Exported, Format, Keystore, PathPreference, PrivateKey, X509Error, export,
};
use svpki_types::{ConfigName, Secret};
use zeroize::Zeroizing;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// Its id, common name or serial number
    pub id: CertRef,
    /// pem: the certificate; pem_bundle: key, certificate and issuers; pkcs12 and jks: the same under a password;
    /// pkcs12_legacy: for Windows before Server 2019, macOS before 14 and old Java
    #[arg(long, default_value = "pem", value_parser = ["pem", "pem_bundle", "pkcs12", "pkcs12_legacy", "jks", "der"])]
    pub format: String,
    /// Name of the entry in a pkcs12 or jks file; without it, the common name
    #[arg(long, value_name = "NAME")]
    pub alias: Option<String>,
    /// Output file; without it, standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// With pem: the issuers behind the certificate
    #[arg(long)]
    pub chain: bool,
    /// Let a private key go to the terminal
    #[arg(long)]
    pub show_key: bool,
    /// Overwrite the file
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub secret: SecretArgs,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let format = Format::parse(&args.format).map_err(bad_format)?;
    let with_key = format == Format::PemBundle || format.needs_key_and_password();
    let out = args.out.as_deref().filter(|path| *path != Path::new("-"));
    if args.chain && format != Format::Pem {
        return Err(CliError::usage(
            "--chain goes with --format pem; the others have the issuers in them",
        ));
    }
    if args.alias.is_some() && !format.needs_key_and_password() {
        return Err(CliError::usage(
            "--alias names the entry of a keystore: it goes with --format pkcs12, pkcs12_legacy and jks",
        ));
    }
    match out {
        Some(path) => check_free(path, args.force)?,
        None if !context.ui.shows() => {}
        None if format == Format::Der || format.needs_key_and_password() => {
            return Err(
                CliError::usage(format!("{} is not for a terminal", args.format))
                    .hinted("name a file with --out"),
            );
        }
        None if with_key && !args.show_key => {
            return Err(
                CliError::usage("this would show the private key on the terminal")
                    .hinted("name a file with --out, or say --show-key"),
            );
        }
        None => {}
    }
    let password = if format.needs_key_and_password() {
        Some(keystore_password(context, &args.secret, format)?)
    } else {
        None
    };
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let id = args.id.id(&engine, config).await?;
    let id = id.as_str();
    let answer = if with_key {
        engine.key(config, id).await?
    } else {
        engine.readcert(config, id, None).await?
    };
    context.ui.warnings(&answer.warnings);
    let answer = answer.value;
    if answer.certificate.is_empty() {
        return Err(CliError::not_found(format!(
            "{id} holds no certificate yet"
        )));
    }
    let key = match (with_key, &answer.private_key) {
        (false, _) => None,
        (true, Some(pem)) => Some(PrivateKey::from_pem(pem).map_err(unreadable)?),
        (true, None) => {
            return Err(
                CliError::not_found(format!("Vault holds no private key for {id}"))
                    .hinted("--format pem or der needs none"),
            );
        }
    };
    let issuers = answer.ca_chain.join("\n");
    let chain = chain_of(answer.certificate.as_bytes(), issuers.as_bytes()).map_err(unreadable)?;
    let alias = args.alias.as_deref();
    let keystore = password
        .as_ref()
        .map(|password| Keystore { password, alias });
    let mut bytes = made(&chain, key.as_ref(), format, keystore).map_err(unreadable)?;
    if args.chain {
        let issuers = chain.issuers.iter().map(Certificate::to_pem);
        bytes.extend(issuers.flat_map(String::into_bytes));
    }
    match out {
        None => context.ui.data(&bytes)?,
        Some(path) => {
            let access = if with_key {
                Access::Owner
            } else {
                Access::Everyone
            };
            write_new(path, &bytes, access, args.force)?;
            let entry = if format.needs_key_and_password() {
                format!(", entry {:?}", format.alias(&chain.leaf, alias))
            } else {
                String::new()
            };
            context
                .ui
                .status(&format!("{id} written to {}{entry}", path.display()));
        }
    }
    context.ui.flush()?;
    Ok(Exit::Done)
}

/// The password of a keystore. When it is typed, it must be typed twice.
pub fn keystore_password(
    context: &Context,
    secret: &SecretArgs,
    format: Format,
) -> Result<Secret, CliError> {
    let password = secret.read(context, "Password for the file")?;
    if password.is_empty() {
        return Err(CliError::usage("the password is empty"));
    }
    if context.ui.asks() && !secret.is_given() {
        let again = context
            .ui
            .ask_secret("Repeat password", "--password-stdin")?;
        if again != password {
            return Err(CliError::usage("the two passwords differ"));
        }
    }
    format
        .check_password(&password)
        .map_err(|why| CliError::usage(why.to_string()))?;
    Ok(password)
}

/// A certificate with its issuers. There may be none.
pub fn chain_of(leaf: &[u8], issuers: &[u8]) -> Result<Chain, X509Error> {
    let leaf = Certificate::parse_pem_or_der(leaf)?;
    let spki = leaf.spki_der().to_vec();
    let mut all = vec![leaf];
    if !issuers.is_empty() {
        all.extend(pki::bundle::parse(issuers)?);
    }
    Chain::assemble(all, &spki, PathPreference::Compatible)
}

/// The bytes of a file in a format.
pub fn made(
    chain: &Chain,
    key: Option<&PrivateKey>,
    format: Format,
    keystore: Option<Keystore>,
) -> Result<Zeroizing<Vec<u8>>, X509Error> {
    Ok(Zeroizing::new(
        match export(chain, key, format, keystore)? {
            Exported::Text(text) => text.into_bytes(),
            Exported::Binary(bytes) => bytes,
        },
    ))
}

fn bad_format(error: X509Error) -> CliError {
    CliError::usage(error.to_string())
}

pub fn unreadable(error: X509Error) -> CliError {
    CliError::failed(error.to_string())
}
