//! Plans what would happen to each row, without ordering anything.
//!
//! Malformed cells and duplicate rows are found in the file alone; existing certificates and orders are found in Vault.
//! Everything else is judged by the engine itself with `dry_run`, which makes the same checks as a real order.

mod engine_check;

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};

use self::engine_check::Asked;
use super::columns::{Columns, Field};
use super::earlier::Earlier;
use super::earlier_results::{EarlierResults, EarlierWalk};
use super::error::BulkError;
use super::existing::{Covering, ExistingCertificates};
use super::input::{Input, RowMarks};
use super::journal::{History, Past};
use super::keys::{RowId, RowIds};
use super::outcome::State;
use super::planned::{Planned, Verdict};
use super::request::{CertKind, Digest, Reading, Request, digest};
use super::sheet::Row;
use super::spill::DiskMap;
use super::target::{TargetConfig, Targets};

pub use engine_check::judge;

/// Options of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// How many rows the engine checks at once.
    pub concurrency: usize,
    /// Order rows even when a certificate, an order or another row already has their names.
    pub allow_duplicates: bool,
    /// Plan rows again that failed in an earlier run.
    pub retry: bool,
    /// Skip the engine's check, because nobody asked to see the plan before the orders. The order itself is checked
    /// anyway, and a row then costs one request instead of two. Rows with a CSR are still checked, because only the
    /// engine's answer has their names.
    pub skip_dry_run: bool,
    /// Compute the mark of each row, which later finds the row's place in the result.
    pub marks_rows: bool,
}

/// What the rows are compared with.
pub struct Known<'p> {
    pub targets: &'p Targets,
    /// The existing certificates and orders of each config, in the order of `targets`.
    pub existing: &'p [ExistingCertificates],
    pub history: &'p History,
    pub earlier: &'p EarlierResults,
}

/// Plans the rows of an input in their order. What an earlier run did with a row has precedence over all other checks.
pub fn plan<'p>(
    input: &'p mut Input,
    known: &'p Known<'p>,
    options: &'p PlanOptions,
) -> Result<impl Stream<Item = Result<Planned, BulkError>> + 'p, BulkError> {
    let local = Local {
        columns: Arc::clone(&input.columns),
        known,
        options,
        ids: RowIds::new("enroll", "").map_err(BulkError::Spill)?,
        marks: options.marks_rows.then(RowMarks::new).transpose()?,
        earlier: known.earlier.walk()?,
        seen: DiskMap::new().map_err(BulkError::Spill)?,
    };
    let rows = stream::try_unfold((input, local), async |(input, mut local)| {
        let Some(row) = input.next().await? else {
            return Ok(None);
        };
        let step = local.plan_row(row)?;
        Ok(Some((step, (input, local))))
    });
    let planned = rows
        .map(move |step: Result<RowPlan, BulkError>| async move {
            match step? {
                RowPlan::Decided(planned) => Ok(*planned),
                RowPlan::Ask(asked) => asked.ask(known, options).await,
            }
        })
        .buffered(options.concurrency.max(1));
    Ok(planned)
}

/// The checks that need only the file, the journal and the inventory, made row after row.
struct Local<'p> {
    columns: Arc<Columns>,
    known: &'p Known<'p>,
    options: &'p PlanOptions,
    ids: RowIds,
    marks: Option<RowMarks>,
    earlier: EarlierWalk<'p>,
    /// For each subject, the number of the first row that orders it.
    seen: DiskMap,
}

enum RowPlan {
    Decided(Box<Planned>),
    Ask(Box<Asked>),
}

impl Local<'_> {
    fn plan_row(&mut self, row: Row) -> Result<RowPlan, BulkError> {
        let mark = match &mut self.marks {
            Some(marks) => marks.next(&self.columns, &row)?,
            None => Digest::default(),
        };
        let earlier = self.earlier.next(&self.columns, &row)?;
        let first_target = &self.known.targets.all[0];
        let chosen = self.known.targets.of(&self.columns, &row);
        let target = &self.known.targets.all[*chosen.as_ref().unwrap_or(&0)];
        let reading = reading(&self.columns, target);
        let request = chosen
            .as_ref()
            .map_err(|finding| vec![finding.clone()])
            .and_then(|_| reading.request(&row));
        let request = match request {
            Ok(request) => request,
            Err(findings) => {
                let title = title(&reading, &row);
                let mut planned = Planned::invalid(row.number, title, &findings);
                planned.mark = mark;
                planned.know(&self.columns, earlier);
                return Ok(decided(planned));
            }
        };
        let target_at = chosen.unwrap_or_default();
        let row_id = self
            .ids
            .next_in(&target.scope(first_target), "", &request.body)
            .map_err(BulkError::Spill)?;
        let mut planned = Planned::new(row.number, &request, row_id);
        planned.mark = mark;
        planned.target = target_at;
        planned.has_csr = request.body.contains_key("csr");
        if self.known.targets.single().is_none() {
            planned.config.clone_from(&target.config);
        }
        planned.know(&self.columns, earlier);
        if let Some(past) = self.earlier_run(&mut planned, row_id)? {
            self.first_row_of_subject(target, &request, row.number)?;
            return self.plan_sent_row(past, row, request, planned);
        }
        let first = self.first_row_of_subject(target, &request, row.number)?;
        if first != row.number && !self.options.allow_duplicates {
            planned.verdict = Verdict::Duplicate;
            planned.message = format!("row {first} orders the same names");
            return Ok(decided(planned));
        }
        if !self.options.allow_duplicates
            && let Some(covering) = self.known.existing[target_at].covering(&request.names)?
        {
            planned.cover(covering);
            return Ok(decided(planned));
        }
        Ok(self.ask(row, request, planned))
    }

    /// What an earlier run did with the row.
    fn earlier_run(&self, planned: &mut Planned, row_id: RowId) -> Result<Option<Past>, BulkError> {
        let past = self.known.history.of(row_id)?;
        // The engine refused the row, so nothing was ordered. The row counts as new and keeps its idempotency key.
        let past = past.filter(|past| match &past.outcome {
            Some(refused) if REFUSED.contains(&refused.status.as_str()) => {
                planned.earlier.get_or_insert_with(|| Earlier {
                    id: String::new(),
                    successor_id: String::new(),
                    outcome: refused.clone(),
                });
                false
            }
            _ => true,
        });
        // The journal has no order of the row. A result (the input itself, or the one beside it) may say that its order
        // failed.
        let told = || {
            let earlier = planned.earlier.as_ref()?;
            let failed = Some(&earlier.outcome).filter(|outcome| {
                outcome.state == State::Failed && matches!(outcome.action.as_str(), "" | "enroll")
            })?;
            FAILED.contains(&failed.status.as_str()).then(|| Past {
                attempt: 1,
                by_names: true,
                outcome: Some(failed.clone()),
            })
        };
        Ok(past.or_else(told))
    }

    /// Plans a row that an earlier run has sent.
    fn plan_sent_row(
        &self,
        past: Past,
        row: Row,
        request: Request,
        mut planned: Planned,
    ) -> Result<RowPlan, BulkError> {
        let existing = &self.known.existing[planned.target];
        planned.id = past.id().to_owned();
        planned.message = past.words();
        planned.past = Some(past.clone());
        planned.is_order = past.state() == State::Pending;
        planned.verdict = match past.state() {
            State::Done => {
                if let Some(known) = existing.in_use(past.id())? {
                    planned.cover(Covering {
                        message: past.words(),
                        ..known
                    });
                    planned.past = Some(past);
                    return Ok(decided(planned));
                }
                if let Some(covering) = existing.covering(&request.names)? {
                    if covering.is_successor {
                        past.id().clone_into(&mut planned.given_id);
                    }
                    planned.cover(covering);
                    return Ok(decided(planned));
                }
                // The certificate is not in use, so it has probably ended. The engine knows for sure.
                return Ok(self.ask(row, request, planned));
            }
            State::Pending => Verdict::Exists,
            State::Unknown => Verdict::New,
            // A retry is a new order, so the row is checked again.
            State::Failed if self.options.retry => {
                if !self.options.allow_duplicates
                    && let Some(covering) = existing.covering(&request.names)?
                {
                    planned.cover(covering);
                    return Ok(decided(planned));
                }
                return Ok(self.ask(row, request, planned));
            }
            State::Failed => Verdict::Invalid,
        };
        Ok(decided(planned))
    }

    /// The number of the first row that orders this subject, which may be this row.
    fn first_row_of_subject(
        &mut self,
        target: &TargetConfig,
        request: &Request,
        row: u32,
    ) -> Result<u32, BulkError> {
        let subject = digest([
            target.engine.mount(),
            &target.config,
            &hex::encode(request.subject),
        ]);
        let first = self
            .seen
            .update(&subject, |first| first.unwrap_or(u64::from(row)))
            .map_err(BulkError::Spill)?;
        Ok(u32::try_from(first).unwrap_or(u32::MAX))
    }

    fn ask(&self, row: Row, request: Request, planned: Planned) -> RowPlan {
        RowPlan::Ask(Box::new(Asked {
            columns: Arc::clone(&self.columns),
            row,
            request,
            planned,
        }))
    }
}

/// The status of a row whose request the engine refused.
const REFUSED: [&str; 2] = [Verdict::Invalid.as_str(), Verdict::Denied.as_str()];

/// The status of a row whose order ended without a certificate.
const FAILED: [&str; 3] = ["declined", "failed", "rejected"];

fn decided(planned: Planned) -> RowPlan {
    RowPlan::Decided(Box::new(planned))
}

/// How the rows of this input are read for a config.
pub fn reading<'c>(columns: &'c Columns, target: &'c TargetConfig) -> Reading<'c> {
    Reading {
        columns,
        kind: target.kind,
        profiles: &target.profiles,
        default_name: target.default_name,
        allow_private_names: target.allow_private_names,
    }
}

/// What a row is about (its common name or e-mail address), for a row that cannot be read.
fn title(reading: &Reading<'_>, row: &Row) -> String {
    let field = match reading.kind {
        CertKind::Ssl => Field::CommonName,
        CertKind::Client => Field::Email,
    };
    reading
        .columns
        .column(&field)
        .and_then(|column| row.cells.get(column.index))
        .map(|cell| cell.text.trim().to_owned())
        .unwrap_or_default()
}
