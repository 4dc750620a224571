//! What would happen to each row, without ordering anything.
//!
//! The file alone tells twins and malformed cells; Vault tells what it holds; the engine itself, asked with
//! `dry_run`, is the authority on everything else, because its checks are the very ones that a real order meets.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::earlier::Earlier;
use super::earlier_results::{EarlierResults, EarlierWalk};
use super::error::BulkError;
use super::existing::{Covering, ExistingCertificates};
use super::input::{Input, RowMarks};
use super::journal::{History, Past};
use super::keys::{RowId, RowIds};
use super::outcome::State;
use super::request::{CertKind, Digest, Finding, Reading, Request, digest, fold_name};
use super::sheet::Row;
use super::spill::DiskMap;
use super::target::{TargetConfig, Targets};
use svpki_types::{Backoff, RefusalCode, Status};
use vault_client::{EngineClient, VaultError, VaultErrorKind};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It would be ordered.
    New,
    /// Vault has a certificate or an open order for its names.
    Exists,
    /// A row above it orders the same.
    Duplicate,
    /// It cannot be ordered as it stands.
    Invalid,
    /// It could be ordered, and the config's policy or the token's forbids it.
    Denied,
}

impl Verdict {
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Exists,
        Self::Duplicate,
        Self::Invalid,
        Self::Denied,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Exists => "exists",
            Self::Duplicate => "duplicate",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
        }
    }

    /// Somebody has to look at the row.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Duplicate | Self::Invalid | Self::Denied)
    }
}

/// One row of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    pub row: u32,
    pub verdict: Verdict,
    /// Why, in words; empty for a new row with nothing to say.
    pub message: String,
    /// The column that is at fault, as the file heads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub common_name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subject_alt_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_type: String,
    /// The certificate or the order that is there already.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The certificate that an earlier run ordered, where its successor is there already.
    #[serde(skip)]
    pub given_id: String,
    /// The role that it was ordered by.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The config, where the rows of a file have several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config: String,
    #[serde(skip)]
    pub target: usize,
    #[serde(skip)]
    pub mark: Digest,
    #[serde(skip)]
    pub has_csr: bool,
    /// What is there already is an order, not a certificate.
    #[serde(skip)]
    pub is_order: bool,
    #[serde(skip)]
    pub row_id: Option<RowId>,
    #[serde(skip)]
    pub past: Option<Past>,
    /// What the file itself says of an earlier run, when it is a result.
    #[serde(skip)]
    pub earlier: Option<Earlier>,
    /// The same, where it stands in the result beside the file.
    #[serde(skip)]
    pub beside: Option<Earlier>,
}

/// How often each verdict was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    counts: [u64; 5],
}

impl Summary {
    pub fn count(&mut self, verdict: Verdict) {
        self.counts[verdict as usize] += 1;
    }

    pub fn of(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    pub fn rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub fn bad(&self) -> u64 {
        Verdict::ALL
            .iter()
            .filter(|verdict| verdict.is_bad())
            .map(|verdict| self.of(*verdict))
            .sum()
    }

    /// `rows`, `orders` (how many would be placed), and each verdict.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("rows".into(), json!(self.rows()));
        members.insert("orders".into(), json!(self.of(Verdict::New)));
        for verdict in Verdict::ALL {
            members.insert(verdict.as_str().into(), json!(self.of(verdict)));
        }
        Value::Object(members)
    }
}

/// How a plan is made.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Rows looked at by the engine at once.
    pub concurrency: usize,
    /// Order rows whose names a certificate, an order or another row has already.
    pub allow_duplicates: bool,
    /// Rows that failed in an earlier run are looked at again.
    pub retry: bool,
    /// Nobody asked to see the plan before the orders: the order itself is the engine's check, and costs one request a
    /// row instead of two.
    pub skip_dry_run: bool,
}

/// What a plan is made against.
pub struct Known<'p> {
    pub targets: &'p Targets,
    /// What Vault holds of each config.
    pub existing: &'p [ExistingCertificates],
    pub history: &'p History,
    pub earlier: &'p EarlierResults,
}

/// Plans an input row by row, in its order. What an earlier run did with a row is looked up before anything else.
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
        marks: RowMarks::new()?,
        earlier: known.earlier.walk()?,
        seen: DiskMap::new().map_err(BulkError::Spill)?,
    };
    let rows = stream::try_unfold((input, local), async |(input, mut local)| {
        let Some(row) = input.next().await? else {
            return Ok(None);
        };
        let step = local.look(row)?;
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

/// What the file, the journal and the inventory say, row after row.
struct Local<'p> {
    columns: Arc<Columns>,
    known: &'p Known<'p>,
    options: &'p PlanOptions,
    ids: RowIds,
    marks: RowMarks,
    earlier: EarlierWalk<'p>,
    /// The row that ordered a subject first.
    seen: DiskMap,
}

enum RowPlan {
    Decided(Box<Planned>),
    Ask(Box<Asked>),
}

/// A row that only the engine can judge.
struct Asked {
    columns: Arc<Columns>,
    row: Row,
    request: Request,
    planned: Planned,
}

impl Local<'_> {
    fn look(&mut self, row: Row) -> Result<RowPlan, BulkError> {
        let mark = self.marks.next(&self.columns, &row)?;
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
        let past = self.known.history.of(row_id)?;
        // What the engine refused it has not ordered: the row is as new as before, under the same key.
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
        // A result that came without its journal tells of its failures itself.
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
        let existing = &self.known.existing[target_at];
        if let Some(past) = past.or_else(told) {
            self.first(target, &request, row.number)?;
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
                    // It has probably ended: Vault knows.
                    return Ok(RowPlan::Ask(Box::new(self.asked(row, request, planned))));
                }
                State::Pending => Verdict::Exists,
                State::Unknown => Verdict::New,
                // Tried anew, so it is looked at anew.
                State::Failed if self.options.retry => {
                    if !self.options.allow_duplicates
                        && let Some(covering) = existing.covering(&request.names)?
                    {
                        planned.cover(covering);
                        return Ok(decided(planned));
                    }
                    return Ok(RowPlan::Ask(Box::new(self.asked(row, request, planned))));
                }
                State::Failed => Verdict::Invalid,
            };
            return Ok(decided(planned));
        }
        let first = self.first(target, &request, row.number)?;
        if first != row.number && !self.options.allow_duplicates {
            planned.verdict = Verdict::Duplicate;
            planned.message = format!("row {first} orders the same names");
            return Ok(decided(planned));
        }
        if !self.options.allow_duplicates
            && let Some(covering) = existing.covering(&request.names)?
        {
            planned.cover(covering);
            return Ok(decided(planned));
        }
        Ok(RowPlan::Ask(Box::new(self.asked(row, request, planned))))
    }

    /// The row that ordered this subject first: this one, when none did before.
    fn first(
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

    fn asked(&self, row: Row, request: Request, planned: Planned) -> Asked {
        Asked {
            columns: Arc::clone(&self.columns),
            row,
            request,
            planned,
        }
    }
}

/// What is to be said of a row, in one cell.
pub fn joined(said: impl IntoIterator<Item = String>) -> String {
    let said = said.into_iter().filter(|words| !words.is_empty());
    said.collect::<Vec<_>>().join("; ")
}

/// The words for a row that the engine did not take.
const REFUSED: [&str; 2] = [Verdict::Invalid.as_str(), Verdict::Denied.as_str()];

/// The words of a result file for a row whose order ended without a certificate.
const FAILED: [&str; 3] = ["declined", "failed", "rejected"];

fn decided(planned: Planned) -> RowPlan {
    RowPlan::Decided(Box::new(planned))
}

/// How the rows of this input are read.
pub fn reading<'c>(columns: &'c Columns, target: &'c TargetConfig) -> Reading<'c> {
    Reading {
        columns,
        kind: target.kind,
        profiles: &target.profiles,
        default_name: target.default_name,
        allow_private_names: target.allow_private_names,
    }
}

/// Whom a row is about, for a row that cannot be read.
fn title(reading: &Reading<'_>, row: &Row) -> String {
    use super::columns::Field;
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

impl Planned {
    /// A row that nothing is known of but whom it is about.
    pub fn bare(row: u32, title: String) -> Self {
        Self {
            row,
            verdict: Verdict::New,
            message: String::new(),
            column: None,
            common_name: title,
            subject_alt_names: Vec::new(),
            profile_id: None,
            term: None,
            key_type: String::new(),
            id: String::new(),
            given_id: String::new(),
            role: String::new(),
            config: String::new(),
            target: 0,
            mark: Digest::default(),
            has_csr: false,
            is_order: false,
            row_id: None,
            past: None,
            earlier: None,
            beside: None,
        }
    }

    /// Takes what earlier runs wrote of the row.
    pub fn know(&mut self, columns: &Columns, earlier: Option<Earlier>) {
        if columns.results.is_none() {
            self.beside.clone_from(&earlier);
        }
        self.earlier = earlier;
    }

    /// What was done with the row's certificate after it was ordered, as long as that or its successor is there.
    pub fn step(&self) -> Option<&Earlier> {
        let earlier = self.earlier.as_ref().filter(|earlier| earlier.is_step())?;
        let is_there = self.id == earlier.id || self.id == earlier.successor_id;
        (self.verdict == Verdict::Exists && is_there).then_some(earlier)
    }

    /// Something has the names already.
    fn cover(&mut self, covering: Covering) {
        self.verdict = Verdict::Exists;
        self.id = covering.id;
        self.role = covering.role;
        self.is_order = covering.is_order;
        self.message = joined([covering.message, covering.left_out.unwrap_or_default()]);
        self.past = None;
    }

    fn new(row: u32, request: &Request, row_id: RowId) -> Self {
        Self {
            row_id: Some(row_id),
            ..Self::bare(row, request.title.clone())
        }
    }

    fn invalid(row: u32, title: String, findings: &[Finding]) -> Self {
        let texts: Vec<String> = findings.iter().map(Finding::to_string).collect();
        let column = findings.iter().find_map(|finding| finding.column.as_ref());
        Self {
            verdict: Verdict::Invalid,
            message: texts.join("; "),
            column: column.map(|column| column.header.clone()),
            ..Self::bare(row, title)
        }
    }
}

impl Asked {
    async fn ask(self, known: &Known<'_>, options: &PlanOptions) -> Result<Planned, BulkError> {
        let mut planned = self.planned;
        let target = &known.targets.all[planned.target];
        let existing = &known.existing[planned.target];
        let mut ended = None;
        if let Some(past) = planned
            .past
            .as_ref()
            .filter(|past| past.state() == State::Done)
        {
            match standing(target, past).await? {
                Standing::InUse(why) => {
                    planned.verdict = Verdict::Exists;
                    planned.message = why;
                    return Ok(planned);
                }
                Standing::Ended(why) => ended = Some(why),
            }
        }
        if options.skip_dry_run && !self.request.names.is_empty() {
            planned.verdict = Verdict::New;
            planned.message = ended.unwrap_or_default();
            return Ok(planned);
        }
        let checked = match dry_run(&target.engine, &target.config, &self.request.body).await {
            Ok(checked) => checked,
            Err(error) => {
                let (verdict, reason) = judge(&error)?;
                let column = reading(&self.columns, target).column_of(&self.row, &reason);
                planned.verdict = verdict;
                planned.column = column.as_ref().map(|column| column.header.clone());
                planned.message = Finding { column, reason }.to_string();
                return Ok(planned);
            }
        };
        planned.common_name = checked.common_name;
        planned.profile_id = checked.profile_id;
        planned.term = checked.term;
        planned.key_type = checked.key_type;
        planned.verdict = Verdict::New;
        let lacking = existing.lacking(&self.request.names)?;
        planned.message = joined(ended.into_iter().chain(lacking).chain(checked.warnings));
        planned.subject_alt_names = checked.subject_alt_names;
        // The names of a CSR are known only now.
        if self.request.names.is_empty() && !options.allow_duplicates {
            let mut names: Vec<String> = [&planned.common_name]
                .into_iter()
                .chain(&planned.subject_alt_names)
                .map(|name| fold_name(name))
                .collect();
            names.sort();
            names.dedup();
            if let Some(covering) = existing.covering(&names)? {
                planned.cover(covering);
            }
        }
        Ok(planned)
    }
}

/// Whether the certificate that an earlier run ordered still is one.
enum Standing {
    InUse(String),
    Ended(String),
}

async fn standing(target: &TargetConfig, past: &Past) -> Result<Standing, BulkError> {
    let id = past.id();
    match target.engine.readcert(&target.config, id, None).await {
        Ok(answer) => Ok(match answer.value.status {
            Some(status @ (Status::Issued | Status::Expiring | Status::Pending)) => {
                Standing::InUse(format!("an earlier run ordered it: {id} is {status}"))
            }
            status => Standing::Ended(format!(
                "certificate {id} of an earlier run is {}: it is ordered anew",
                status.map_or("gone", Status::as_str)
            )),
        }),
        Err(error) if error.kind == VaultErrorKind::NotFound => {
            let ends = past
                .outcome
                .as_ref()
                .map_or("", |outcome| &outcome.not_after);
            let over = ends
                .parse::<jiff::Timestamp>()
                .is_ok_and(|ends| ends <= jiff::Timestamp::now());
            Ok(if over {
                Standing::Ended(format!(
                    "certificate {id} of an earlier run has expired: it is ordered anew"
                ))
            } else {
                Standing::InUse(format!(
                    "an earlier run ordered it: {id}, which is stored no more and valid until {ends}: svpki fetch brings it back, and --allow-duplicates in a copy of the file orders anew"
                ))
            })
        }
        // The inventory does not have it in use, and that is all that may be seen.
        Err(error) if error.kind == VaultErrorKind::Denied => Ok(Standing::Ended(format!(
            "certificate {id} of an earlier run is not in use any more: it is ordered anew"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// What the engine made of a request that it did not carry out.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Checked {
    common_name: String,
    subject_alt_names: Vec<String>,
    key_type: String,
    profile_id: Option<i64>,
    term: Option<i64>,
    dry_run: bool,
    #[serde(skip)]
    warnings: Vec<String>,
}

/// Tries again while the server is away: nothing is at stake, and a plan of 100,000 rows meets a failover.
const TRIES: u32 = 5;

async fn dry_run(
    engine: &EngineClient,
    config: &str,
    body: &Map<String, Value>,
) -> Result<Checked, VaultError> {
    let mut body = body.clone();
    body.insert("dry_run".into(), json!(true));
    let path = engine.path(&format!("enroll/{config}"));
    let body = Value::Object(body);
    let backoff = Backoff::new(Duration::from_millis(400), Duration::from_secs(60));
    let mut failures = 0;
    loop {
        match engine.server().write(&path, &body).await {
            Ok(answer) => {
                let answered = answer.into::<Checked>()?;
                let mut checked = answered.value;
                checked.warnings = answered.warnings;
                debug_assert!(checked.dry_run, "an engine that orders on a dry run");
                return Ok(checked);
            }
            Err(error) if super::send::is_transient(&error) && failures + 1 < TRIES => {
                tokio::time::sleep(backoff.after(failures)).await;
                failures += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the engine's no is about this row; everything else ends the plan.
pub fn judge(error: &VaultError) -> Result<(Verdict, String), VaultError> {
    let reason = error.errors.join("; ");
    match error.kind {
        VaultErrorKind::BadRequest | VaultErrorKind::Conflict => {
            let forbidden = error.refusal == Some(RefusalCode::Policy);
            Ok((
                if forbidden {
                    Verdict::Denied
                } else {
                    Verdict::Invalid
                },
                reason,
            ))
        }
        VaultErrorKind::Denied => {
            let hint = error.hint.as_deref().unwrap_or_default();
            Ok((
                Verdict::Denied,
                format!("the server refuses: {reason}; {hint}"),
            ))
        }
        _ => Err(error.clone()),
    }
}
