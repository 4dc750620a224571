//! `svpki orders`: list, read, cancel, wait.

use serde_json::Value;
use tokio::time::{Duration, Instant};

use super::args::seconds;
use super::order_flow::{outcome, wait_until_issued};
use super::{CliError, Column, Context, Exit, List, Tone, column, csv_column, render, tone_of};
use svpki_types::api::{CertificateResponse, OrderResponse};
use svpki_types::{ConfigName, OrderId, OrderState, Status};
use vault_client::{EngineClient, VaultErrorKind};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Open orders and those that ended without a certificate, of all mounts or of one config
    List {
        /// Only this config
        config: Option<ConfigName>,
    },
    /// What an order waits for
    Read {
        /// The config that it was ordered with
        config: ConfigName,
        /// The order's id
        order_id: OrderId,
    },
    /// Ask SCM for an order now, instead of at its next poll
    Look {
        /// The config that it was ordered with
        config: ConfigName,
        /// The order's id
        order_id: OrderId,
    },
    /// Give an order up; it is not collected any more
    Cancel(CancelArgs),
    /// Remove the record of an order that has ended
    Delete(DeleteArgs),
    /// Wait until an order is a certificate, or has ended otherwise
    Wait(WaitArgs),
}

#[derive(Debug, clap::Args)]
pub struct CancelArgs {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// The order's id
    pub order_id: OrderId,
    /// Give up the order even if SCM may have it: the plugin stops looking for it and removes its key
    #[arg(long)]
    pub force: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// The order's id
    pub order_id: OrderId,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub struct WaitArgs {
    /// The config that it was ordered with
    pub config: ConfigName,
    /// The order's id
    pub order_id: OrderId,
    /// How long, such as 90s or 10m; without it, for as long as it takes
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub wait: Option<u64>,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::List { config } => list(context, config.as_ref()).await,
        Command::Read { config, order_id } => {
            let engine = context.engine_of(config.as_str()).await?;
            let answer = engine.order(config.as_str(), order_id.as_str()).await?;
            context.ui.warnings(&answer.warnings);
            render::order(&context.ui, &answer.value)?;
            Ok(Exit::Done)
        }
        Command::Look { config, order_id } => {
            let engine = context.engine_of(config.as_str()).await?;
            let answer = engine
                .poll_order(config.as_str(), order_id.as_str())
                .await?;
            context.ui.warnings(&answer.warnings);
            render::order(&context.ui, &answer.value)?;
            Ok(Exit::Done)
        }
        Command::Cancel(args) => cancel(context, &args).await,
        Command::Delete(args) => delete(context, &args).await,
        Command::Wait(args) => wait(context, &args).await,
    }
}

const COLUMNS: [Column; 16] = [
    column("common_name", "NAME"),
    column("state", "STATE"),
    column("waiting_on", "WAITING ON"),
    column("since", "SINCE"),
    column("next_poll", "NEXT POLL"),
    column("order_id", "ORDER"),
    column("config", "CONFIG"),
    column("mount", "MOUNT"),
    csv_column("action"),
    csv_column("status"),
    csv_column("sectigo_cert_unique_id"),
    csv_column("created"),
    csv_column("attempts"),
    csv_column("polls"),
    csv_column("last_scm_code"),
    csv_column("last_message"),
];

async fn list(context: &Context, config: Option<&ConfigName>) -> Result<Exit, CliError> {
    let engines = match config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let mut list = List::new(&context.ui, &COLUMNS);
    for engine in engines {
        let configs = match config {
            Some(config) => vec![config.to_string()],
            None => engine.configs().await?,
        };
        for config in configs {
            for order in open_orders(&engine, &config).await? {
                let tone = order.status.map_or(Tone::Plain, tone_of);
                list.push(
                    &render::with_mount(&order, engine.mount()),
                    |key| match key {
                        "state" => tone,
                        _ => Tone::Plain,
                    },
                )?;
            }
        }
    }
    list.end("No orders")?;
    Ok(Exit::Done)
}

async fn open_orders(engine: &EngineClient, config: &str) -> Result<Vec<OrderResponse>, CliError> {
    let listing = engine.orders(config).await?;
    let mut orders = Vec::with_capacity(listing.keys.len());
    for id in listing.keys {
        let known = listing.key_info.get(&id).cloned();
        let order =
            known.and_then(|info: Value| serde_json::from_value::<OrderResponse>(info).ok());
        match order {
            Some(order) => orders.push(OrderResponse {
                order_id: id,
                config: config.to_owned(),
                ..order
            }),
            None => match engine.order(config, &id).await {
                Ok(order) => orders.push(order.value),
                // The order was removed between the listing and this request.
                Err(error) if error.kind == VaultErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            },
        }
    }
    Ok(orders)
}

async fn cancel(context: &Context, args: &CancelArgs) -> Result<Exit, CliError> {
    let (config, id) = (args.config.as_str(), args.order_id.as_str());
    let engine = context.engine_of(config).await?;
    let order = engine.order(config, id).await?.value;
    match order.state {
        // Cancelling twice, for example by a script, is not an error.
        Some(OrderState::Cancelled) => {
            context.ui.status(&format!(
                "Order {id} is cancelled already; nothing was done"
            ));
            return Ok(Exit::Done);
        }
        Some(state) if state.is_final() => {
            let hint = match order.sectigo_cert_unique_id.as_str() {
                "" => format!("svpki orders delete {config} {id} removes its record"),
                cert => format!("svpki revoke {config} {cert} revokes the certificate"),
            };
            return Err(CliError::failed(format!(
                "order {id} has ended as {state}: there is nothing to cancel"
            ))
            .hinted(hint));
        }
        _ => {}
    }
    let name = name_of(&order);
    let may_be_at_scm = matches!(
        order.state,
        Some(OrderState::Intent | OrderState::Uncertain)
    );
    let question = if args.force {
        format!(
            "This gives up the order for {name} ({id}) and removes its key; SCM may have it and issue it all the same."
        )
    } else {
        format!("This gives up the order for {name} ({id}).")
    };
    context.ui.confirm_name(&question, name, args.yes)?;
    let answer = match engine.cancel_order(config, id, args.force).await {
        Err(error) if error.kind == VaultErrorKind::Conflict && may_be_at_scm && !args.force => {
            return Err(CliError::from(error).hinted(format!(
                "wait: svpki orders wait {config} {id}; or give it up: svpki orders cancel {config} {id} --force"
            )));
        }
        answer => answer?,
    };
    context.ui.warnings(&answer.warnings);
    context.ui.status(&match answer.value.state {
        Some(OrderState::Cancelled) | None => format!("Order {id} is cancelled"),
        Some(state) => format!("Order {id} was {state} at SCM already"),
    });
    Ok(Exit::Done)
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<Exit, CliError> {
    let (config, id) = (args.config.as_str(), args.order_id.as_str());
    let engine = context.engine_of(config).await?;
    let order = engine.order(config, id).await?.value;
    let state = match order.state {
        Some(state) if state.is_final() => state,
        _ => {
            return Err(
                CliError::usage(format!("order {id} is still open: its record is needed"))
                    .hinted(format!("svpki orders cancel {config} {id}")),
            );
        }
    };
    let name = name_of(&order);
    context.ui.confirm_name(
        &format!("This removes the record of the order for {name} ({id}, {state})."),
        name,
        args.yes,
    )?;
    let answer = engine.cancel_order(config, id, false).await?;
    context.ui.warnings(&answer.warnings);
    context
        .ui
        .status(&format!("The record of order {id}, {state}, is removed"));
    Ok(Exit::Done)
}

fn name_of(order: &OrderResponse) -> &str {
    if order.common_name.is_empty() {
        &order.order_id
    } else {
        &order.common_name
    }
}

async fn wait(context: &Context, args: &WaitArgs) -> Result<Exit, CliError> {
    let (config, id) = (args.config.as_str(), args.order_id.as_str());
    let engine = context.engine_of(config).await?;
    let order = engine.order(config, id).await?.value;
    let what = match order.waiting_on {
        Some(who) => format!("{} waits on {who}", order.common_name),
        None => format!("waiting for {}", order.common_name),
    };
    let mut pending = CertificateResponse {
        order_id: id.to_owned(),
        config: config.to_owned(),
        common_name: order.common_name.clone(),
        status: Some(Status::Pending),
        sectigo_cert_unique_id: order.sectigo_cert_unique_id.clone(),
        ..CertificateResponse::default()
    };
    // An order that has ended is reported at once, even with `--wait 0`.
    let found = match outcome(&engine, config, &mut pending, Some(order)).await? {
        Some(found) => found,
        None => {
            context
                .ui
                .unfinished(Some(format!("order {id} goes on in Vault")));
            // A century is practically for ever, and can still be added to a time.
            let seconds = args.wait.unwrap_or(100 * 365 * 86_400);
            let deadline = Instant::now() + Duration::from_secs(seconds);
            let spinner = context.ui.spinner(&what);
            let found = wait_until_issued(&engine, config, pending, deadline, |denied| {
                spinner.suspend(|| context.ui.warning(denied));
            })
            .await;
            spinner.finish_and_clear();
            context.ui.unfinished(None);
            found?
        }
    };
    render::certificate(&context.ui, &found, false)?;
    Ok(if found.status == Some(Status::Pending) {
        Exit::Pending
    } else {
        Exit::Done
    })
}
