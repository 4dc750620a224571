//! Chooses the certificates of a step: from a file or by a filter.

use std::iter;
use std::path::{Path, PathBuf};

use super::Action;
use crate::cli::bulk::args::StepArgs;
use crate::cli::bulk::command_line::quoted;
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::preflight;
use crate::cli::bulk::report::several;
use crate::cli::bulk::sheet::{Cell, Dialect, Format, ResultWriter};
use crate::cli::bulk::target::TargetConfig;
use crate::cli::{CliError, Context};
use crate::filter::{Filter, FilterError};
use crate::inventory::{Batch, Row};
use svpki_types::Status;
use vault_client::InventoryQuery;

/// The file with the certificates. It is the operator's, or written from the filter, so that an interrupted run can
/// continue with the same certificates.
pub(super) struct Selection {
    pub(super) path: PathBuf,
    /// The config of all rows. `None` when the rows name their configs or the file is the operator's.
    pub(super) target: Option<TargetConfig>,
    /// The command line that continues with the same certificates.
    pub(super) again: Option<String>,
    /// A temporary folder with the file, when it is only needed for a plan.
    _folder: Option<tempfile::TempDir>,
}

impl Selection {
    fn at(path: PathBuf) -> Self {
        Self {
            path,
            target: None,
            again: None,
            _folder: None,
        }
    }

    pub(super) async fn of(
        context: &Context,
        action: Action,
        args: &StepArgs,
    ) -> Result<Self, CliError> {
        let Some(text) = &args.filter else {
            let missing = || CliError::usage("name a file or a --filter");
            return Ok(Self::at(args.file.clone().ok_or_else(missing)?));
        };
        let choice = Choice::of(text)?;
        let targets = preflight::all_targets(context, &args.config).await?;
        if args.plan {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("selection.csv");
            let count = select(&targets, &choice, &path).await?;
            return Ok(Self {
                path,
                target: single(targets, count),
                again: None,
                _folder: Some(folder),
            });
        }
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S");
        let of_config = match targets.as_slice() {
            [one] => format!("-{}", one.config),
            _ => String::new(),
        };
        let name = |number: String| format!("svpki-{}{of_config}-{now}{number}.csv", action.word());
        let names = iter::once(name(String::new())).chain((2..).map(|n| name(format!("-{n}"))));
        let path = names.map(PathBuf::from).find(|path| !path.exists());
        let path = path.unwrap_or_default();
        let count = select(&targets, &choice, &path).await?;
        // The same filter may choose other certificates the next time, so the run must be continued with the file.
        let again = go_on(&args.filter, &path);
        context.ui.status(&format!(
            "The filter's {} are in {}; if this run is cut, go on with: {again}",
            several(count, "certificate"),
            path.display(),
        ));
        Ok(Self {
            path,
            target: single(targets, count),
            again: Some(again),
            _folder: None,
        })
    }
}

/// This command line with the file instead of the filter.
fn go_on(filter: &Option<String>, path: &Path) -> String {
    let mut words = vec!["svpki".to_owned()];
    let mut given = std::env::args().skip(1).peekable();
    while let Some(word) = given.next() {
        if matches!(word.as_str(), "--filter" | "--where") && given.peek() == filter.as_ref() {
            given.next();
        } else if !word.starts_with("--filter=") && !word.starts_with("--where=") {
            words.push(quoted(&word));
        }
    }
    words.push(quoted(&path.display().to_string()));
    words.join(" ")
}

/// A filter, which chooses the same certificates as on the dashboard, with one exception: certificates that have ended
/// are chosen only when the filter names their status, because here nobody sees them before the step.
struct Choice {
    filter: Filter,
    now: i64,
}

impl Choice {
    fn of(line: &str) -> Result<Self, CliError> {
        let filter: Filter = line.parse().map_err(|why: FilterError| {
            let word = &line[why.span.clone()];
            CliError::usage(format!("{word:?} in the filter: {why}"))
        })?;
        if filter.is_empty() {
            let hint = "for example --where 'status:expiring exp<30d cn:*.example.com'";
            return Err(CliError::usage("the filter names nothing").hinted(hint));
        }
        let now = jiff::Timestamp::now().as_second();
        Ok(Self { filter, now })
    }

    /// The part of the filter that the server can apply.
    fn query(&self, config: &str) -> InventoryQuery {
        let asked = self.filter.pushdown(self.now, &[]);
        let moment = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
        InventoryQuery {
            status: match asked.status {
                Some(status) => vec![status],
                None if self.filter.asks_for_status() => Vec::new(),
                None => vec![Status::Issued, Status::Expiring],
            },
            config: config.to_owned(),
            q: asked.q.unwrap_or_default(),
            expires_before: moment(asked.expires_before),
            expires_after: moment(asked.expires_after),
            limit: 1000,
            ..InventoryQuery::default()
        }
    }

    fn takes(&self, row: &Row, mount: &str) -> bool {
        (row.in_use() || self.filter.asks_for_status())
            && self.filter.matches(&row.subject(mount, self.now), self.now)
    }
}

/// The config of all chosen rows, when there is only one. Without any rows, it may be any config.
fn single(mut targets: Vec<TargetConfig>, count: u64) -> Option<TargetConfig> {
    (targets.len() == 1 || count == 0).then(|| targets.swap_remove(0))
}

/// Writes the certificates that the filter chooses into a file, and returns their number.
async fn select(targets: &[TargetConfig], choice: &Choice, path: &Path) -> Result<u64, BulkError> {
    let mut writer = ResultWriter::create(path, &Format::Csv(Dialect::default()))?;
    let width = if targets.len() > 1 { 4 } else { 2 };
    let header = ["Certificate ID", "Common Name", "Config", "Mount"].map(Cell::text);
    writer.row(&header[..width])?;
    let mut count = 0;
    for target in targets {
        let mount = target.engine.mount();
        let mut query = choice.query(&target.config);
        loop {
            let page = Batch::from(target.engine.inventory(&query).await?.value);
            for row in page.rows.iter().filter(|row| choice.takes(row, mount)) {
                let cells = [&*row.id, row.common_name(), &target.config, mount];
                writer.row(&cells.map(Cell::text)[..width])?;
                count += 1;
            }
            if page.next.is_empty() {
                break;
            }
            query.after = page.next;
        }
    }
    writer.finish()?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use svpki_types::api::{InventoryResponse, InventoryRow};

    const DAY: i64 = 86_400;

    /// Regression: each of these filters chose other rows here than on the dashboard, or was an error in one of the
    /// two.
    #[test]
    fn a_line_means_what_it_means_on_the_dashboard() {
        let now = jiff::Timestamp::now().as_second();
        let row = |id: &str, name: &str, status, days: i64, issuer: &str| InventoryRow {
            id: id.into(),
            config: "web".into(),
            common_name: name.into(),
            status: Some(status),
            expiration: now + days * DAY,
            issuer: issuer.into(),
            profile_id: Some(50 + id.parse::<i64>().unwrap()),
            serial_number: format!("0a:1b:0{id}"),
            owner: "Anna".into(),
            ..InventoryRow::default()
        };
        let page = Batch::from(InventoryResponse {
            certificates: vec![
                row("1", "api.example.com", Status::Expiring, 10, "Old CA, Inc"),
                row("2", "www.example.com", Status::Issued, 100, "New CA"),
                row("3", "api.example.com", Status::Expired, -3, "Old CA, Inc"),
                row("4", "www.example.com", Status::Revoked, 10, "New CA"),
            ],
            ..InventoryResponse::default()
        });
        for (line, chosen) in [
            ("cn:api", "1"),
            ("cn:ww?.example.com", "2"),
            ("CN:API.example.com", "1"),
            ("status:Issued", "2"),
            ("status:issued status:expiring", ""),
            ("!status:issued", "1"),
            ("!api", "2"),
            ("!cn:api", "2"),
            ("cn:api,www", "1 2"),
            ("issuer:old,new", "1 2"),
            ("issuer:\"old ca, inc\"", "1"),
            ("profile:51,52", "1 2"),
            ("profile:51 profile:52", ""),
            ("example api", "1"),
            ("example\tapi", "1"),
            ("\"status:issued\"", ""),
            ("config:web", "1 2"),
            ("config:lab", ""),
            ("mount:m", "1 2"),
            ("owner:anna", "1 2"),
            ("0a:1b:02", "2"),
            ("id:1", "1"),
            ("exp:30d", "1"),
            ("exp<1y", "1 2"),
            ("exp<30d exp<365d", "1"),
            ("exp<30d status:revoked", "4"),
            ("exp<-1d status:expired", "3"),
            ("exp<30", "error"),
            ("expires<30d", "1"),
            ("-status:issued", "error"),
            ("cn:api OR cn:www", "error"),
            ("status:", "error"),
            ("cn:", "error"),
            ("issuer:", "error"),
            ("cn:api|www", "error"),
            ("status:failed", "error"),
            ("\"\"", "error"),
            ("status=issued", "error"),
        ] {
            let ids = |takes: &dyn Fn(&Row) -> bool| {
                let rows = page.rows.iter().filter(|row| takes(row));
                rows.map(|row| &*row.id).collect::<Vec<_>>().join(" ")
            };
            let (taken, shown) = match (Choice::of(line), line.parse::<Filter>()) {
                (Ok(choice), Ok(filter)) => (
                    ids(&|row| choice.takes(row, "m")),
                    ids(&|row| filter.matches(&row.subject("m", now), now)),
                ),
                (Err(_), Err(_)) => ("error".to_owned(), "error".to_owned()),
                (taken, shown) => panic!("{line}: {:?}, {shown:?}", taken.err()),
            };
            assert_eq!(taken, chosen, "{line}");
            // The selection is a part of what the dashboard shows, and contains all of it that is in use.
            let here = |id: &str| shown.split(' ').any(|other| other == id);
            let left_out = shown.split(' ').filter(|id| !taken.contains(id));
            assert!(
                taken.is_empty() || taken.split(' ').all(here),
                "{line}: {shown}"
            );
            assert!(
                left_out.into_iter().all(|id| "3 4".contains(id)),
                "{line}: {shown}"
            );
        }
    }

    #[test]
    fn a_mistake_in_a_filter_is_said_with_its_word() {
        let said = |line| Choice::of(line).err().unwrap().to_string();
        assert_eq!(
            said("cn:a statsu:issued"),
            "\"statsu:issued\" in the filter: Unknown field \"statsu\". Did you mean status: ?"
        );
        assert!(said("issuer:\"Old CA").contains("Closing quote missing"));
        assert!(said(" ").contains("names nothing"));
    }

    /// When the filter names no status, the server is only asked for certificates in use.
    #[test]
    fn the_server_sorts_out_what_it_can() {
        let asked = |line| Choice::of(line).unwrap().query("web");
        let query = asked("exp<30d cn:*.example.com owner:anna !api");
        assert_eq!(query.status, [Status::Issued, Status::Expiring]);
        assert_eq!((&*query.config, &*query.q), ("web", ".example.com"));
        assert!(!query.expires_before.is_empty() && query.expires_after.is_empty());
        assert_eq!(asked("status:revoked").status, [Status::Revoked]);
        assert!(asked("status:revoked,expired").status.is_empty());
    }
}
