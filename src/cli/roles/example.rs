//! `svpki roles example ROLE --for CLIENT`: the examples of `docs/clients.md` with this mount, role and name.

use svpki_types::RoleName;

use crate::cli::{CliError, Context, Exit, plain};
use vault_client::EngineClient;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The role's name
    pub name: RoleName,
    /// The program that is to use the role
    #[arg(long = "for", value_enum, value_name = "CLIENT")]
    pub client: Client,
    /// The certificate's name in the example; without it, one that the role allows
    #[arg(long, value_name = "NAME")]
    pub common_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Client {
    CertManager,
    Terraform,
    /// Vault agent, OpenBao agent and consul-template
    Agent,
    /// Vault Secrets Operator
    Vso,
    /// External Secrets Operator
    Eso,
    Ansible,
    Nomad,
    /// An agent's template that reloads nginx
    Nginx,
}

/// The values that are inserted into an example.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub address: &'a str,
    pub mount: &'a str,
    pub config: &'a str,
    pub role: &'a str,
    pub name: &'a str,
}

impl Client {
    pub fn example(self, subject: Subject<'_>) -> String {
        let text = match self {
            Self::CertManager => include_str!("examples/cert-manager.yaml"),
            Self::Terraform => include_str!("examples/terraform.hcl"),
            Self::Agent => include_str!("examples/agent.hcl"),
            Self::Vso => include_str!("examples/vso.yaml"),
            Self::Eso => include_str!("examples/eso.yaml"),
            Self::Ansible => include_str!("examples/ansible.yaml"),
            Self::Nomad => include_str!("examples/nomad.hcl"),
            Self::Nginx => include_str!("examples/nginx.hcl"),
        };
        text.replace("@ADDRESS@", subject.address)
            .replace("@MOUNT@", subject.mount)
            .replace("@CONFIG@", subject.config)
            .replace("@ROLE@", subject.role)
            .replace("@NAME@", subject.name)
    }
}

pub async fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let engine = context.engine_of_role(args.name.as_str()).await?;
    let common_name = args.common_name.as_deref();
    print(context, &engine, &args.name, args.client, common_name).await?;
    Ok(Exit::Done)
}

/// Prints what this client needs to use the role.
pub async fn print(
    context: &Context,
    engine: &EngineClient,
    role_name: &RoleName,
    client: Client,
    common_name: Option<&str>,
) -> Result<(), CliError> {
    let role = super::load(engine, role_name).await?.data;
    let of = |name: &str| role.get(name).map(plain).unwrap_or_default();
    let name = match common_name {
        Some(name) => name.to_owned(),
        None => allowed_name(&of("allowed_domains"), of("allow_subdomains") == "true"),
    };
    // Other characters have a special meaning in YAML or HCL.
    if name.is_empty() || !name.chars().all(is_of_a_host_name) {
        return Err(CliError::usage(format!(
            "{name:?} is no host name: an example holds one such as www.example.com"
        )));
    }
    let text = client.example(Subject {
        address: engine.server().address().trim_end_matches('/'),
        mount: engine.mount(),
        config: &of("config"),
        role: role_name.as_str(),
        name: &name,
    });
    context.ui.data(text.as_bytes())?;
    context.ui.flush()?;
    context
        .ui
        .hint("docs/clients.md says what happens on approval, on failure and at restart");
    Ok(())
}

fn is_of_a_host_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-')
}

/// A name in or below the first allowed domain that is neither a pattern nor a template.
fn allowed_name(domains: &str, with_subdomains: bool) -> String {
    let plain = |domain: &&str| domain.chars().all(is_of_a_host_name);
    match domains.split_whitespace().find(plain) {
        Some(domain) if with_subdomains => format!("www.{domain}"),
        Some(domain) => domain.to_owned(),
        None => "www.example.com".to_owned(),
    }
}
