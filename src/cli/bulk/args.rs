//! The arguments of `svpki bulk`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::columns::ColumnMap;
use super::keystore::KeystoreArgs;
use super::sheet::ReadOptions;
use crate::cli::CliError;
use encoding_rs::Encoding;
use svpki_types::ConfigName;

const PLAN_AND_APPLY: &str = "\
Examples:
  svpki bulk template --config web --format xlsx
  svpki bulk plan --config web hosts.xlsx
  svpki bulk apply --config web hosts.xlsx
  svpki bulk retry --config web hosts.web.result.xlsx

A run that was cut is started again with the same line: it finishes the rows that remain and orders none twice.";

const CONFIG_OF_STEP: &str = "The config of the certificates; not needed when there is only one. Without it --where looks in all configs";

#[derive(Debug, clap::Subcommand)]
#[command(after_help = PLAN_AND_APPLY)]
pub enum Command {
    /// Write a sheet with the right columns for a config
    Template(TemplateArgs),
    /// Show what would happen to each row; place no orders
    Plan(PlanArgs),
    /// Order the good rows of a file, and finish what an earlier run left
    Apply(ApplyArgs),
    /// Look at the orders of a file's earlier runs, and bring its result file up to date
    Status(StatusArgs),
    /// Repeat the rows that failed in an earlier run, each with its own action
    Retry(RetryArgs),
    /// Renew many certificates
    Renew(StepArgs),
    /// Revoke many certificates
    Revoke(StepArgs),
    /// Replace many certificates
    Replace(StepArgs),
}

impl Command {
    /// The sheet that is worked on; standard input is no file.
    pub fn input(&self) -> Option<&Path> {
        let file = match self {
            Self::Template(_) => None,
            Self::Plan(args) => Some(&args.file),
            Self::Apply(args) => Some(&args.file),
            Self::Status(args) => Some(&args.file),
            Self::Retry(args) => Some(&args.apply.file),
            Self::Renew(args) | Self::Revoke(args) | Self::Replace(args) => args.file.as_ref(),
        };
        file.map(PathBuf::as_path)
            .filter(|file| *file != Path::new("-"))
    }

    /// The list of what belongs where, and the result that is asked for.
    pub fn deploy_list(&self) -> Option<(&Path, Option<&Path>)> {
        let (files, result) = match self {
            Self::Template(_) | Self::Plan(_) => return None,
            Self::Status(args) => (&args.files, &args.result),
            Self::Apply(args) => (&args.run.files, &args.run.result),
            Self::Retry(args) => (&args.apply.run.files, &args.apply.run.result),
            Self::Renew(args) | Self::Revoke(args) | Self::Replace(args) => {
                (&args.run.files, &args.run.result)
            }
        };
        let list = files.deploy_list.as_deref()?;
        Some((list, result.as_deref()))
    }

    /// It ends in its own way on Ctrl-C.
    pub fn handles_interrupts(&self) -> bool {
        !matches!(self, Self::Template(_) | Self::Plan(_))
    }
}

/// The config that a file is ordered through.
#[derive(Debug, Clone, clap::Args)]
pub struct ConfigArg {
    /// The config to order through; not needed when there is only one
    #[arg(long, short, value_name = "NAME")]
    pub config: Option<ConfigName>,
}

#[derive(Debug, Clone, clap::Args)]
pub struct SheetArg {
    /// Which sheet of a workbook; the first visible one if not given
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// What a column is: 'SAN 1=alt_names'; 'Rack=none' leaves it out. Can be given several times
    #[arg(long, value_name = "HEADER=FIELD")]
    pub map: Vec<ColumnMap>,
    /// Whether rows that the spreadsheet hides or filters away are taken
    #[arg(long, value_enum, default_value = "skip")]
    pub hidden: Hidden,
    /// How the text of a CSV file is encoded, such as windows-1252 [default: UTF-8, or what its mark says]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Hidden {
    Skip,
    Take,
}

impl SheetArg {
    pub fn options(&self) -> Result<ReadOptions, CliError> {
        let encoding = match &self.encoding {
            None => None,
            Some(name) => Some(Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
                CliError::usage(format!("{name:?} is no encoding that is known"))
                    .hinted("names are those of web pages: utf-8, windows-1252, iso-8859-2, shift_jis, gb18030, …")
            })?),
        };
        Ok(ReadOptions {
            sheet: self.sheet.clone(),
            take_hidden: self.hidden == Hidden::Take,
            encoding,
        })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TemplateFormat {
    #[default]
    Xlsx,
    Csv,
}

#[derive(Debug, clap::Args)]
pub struct TemplateArgs {
    #[command(flatten)]
    pub config: ConfigArg,
    /// Kind of the file [default: what the name of --out ends in, else xlsx]
    #[arg(long, value_enum)]
    pub format: Option<TemplateFormat>,
    /// File to write; `-` is standard output [default: CONFIG-template.xlsx or .csv]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// How rows are judged.
#[derive(Debug, Clone, clap::Args)]
pub struct JudgeArgs {
    /// Order rows whose names another row, a certificate or an order has already
    #[arg(long)]
    pub allow_duplicates: bool,
    /// Rows at once [default: the config's rate limit, at most 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
}

#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// CSV, XLSX or ODS; `-` is standard input
    pub file: PathBuf,
    #[command(flatten)]
    pub config: ConfigArg,
    #[command(flatten)]
    pub sheet: SheetArg,
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Refuse columns that are not used
    #[arg(long)]
    pub strict: bool,
    /// Write the plan to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the plan's file if it is there
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// How a run goes.
#[derive(Debug, Clone, clap::Args)]
pub struct RunArgs {
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Do nothing at all if one row is bad or one column is not used
    #[arg(long)]
    pub strict: bool,
    /// After the last row, wait so long for orders that are pending, such as 10m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// How long to retry an unreachable server, such as during a failover
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2m")]
    pub patience: Duration,
    /// Where the result goes [default: FILE.CONFIG.result.EXT beside the input]
    #[arg(long, value_name = "FILE")]
    pub result: Option<PathBuf>,
    #[command(flatten)]
    pub files: FilesArgs,
}

/// Certificates and keys on disk.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FilesArgs {
    /// Also write certificates and keys here: 0600, a folder for each host
    #[arg(long, value_name = "FOLDER")]
    pub out_dir: Option<PathBuf>,
    /// Write a CSV file that says which host gets which files
    #[arg(long, value_name = "FILE", requires = "out_dir")]
    pub deploy_list: Option<PathBuf>,
    #[command(flatten)]
    pub keystores: KeystoreArgs,
}

#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// CSV, XLSX or ODS; `-` is standard input and needs --result
    pub file: PathBuf,
    #[command(flatten)]
    pub config: ConfigArg,
    #[command(flatten)]
    pub sheet: SheetArg,
    #[command(flatten)]
    pub judge: JudgeArgs,
    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Debug, clap::Args)]
pub struct RetryArgs {
    #[command(flatten)]
    pub apply: ApplyArgs,
    #[command(flatten)]
    pub why: ReasonArgs,
}

/// Why certificates are replaced or revoked.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ReasonArgs {
    /// Why, for all rows that give no reason of their own (revoke, replace)
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// 0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)
    #[arg(long, value_name = "CODE", value_parser = ["0", "1", "3", "4", "5"])]
    pub reason_code: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// The input of the earlier run, or its result
    pub file: PathBuf,
    #[command(flatten)]
    pub config: ConfigArg,
    #[command(flatten)]
    pub sheet: SheetArg,
    /// Wait so long for what is pending, such as 10m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// Where the result goes [default: FILE.CONFIG.result.EXT beside the input]
    #[arg(long, value_name = "FILE")]
    pub result: Option<PathBuf>,
    #[command(flatten)]
    pub files: FilesArgs,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("config", |config| config.help(CONFIG_OF_STEP)))]
pub struct StepArgs {
    /// CSV, XLSX or ODS with a column of certificate ids
    #[arg(required_unless_present = "filter")]
    pub file: Option<PathBuf>,
    /// Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com issuer:"Old CA"`, as the
    /// dashboard's filter has them
    #[arg(
        long,
        visible_alias = "where",
        value_name = "FILTER",
        conflicts_with = "file"
    )]
    pub filter: Option<String>,
    #[command(flatten)]
    pub config: ConfigArg,
    #[command(flatten)]
    pub sheet: SheetArg,
    /// Rows at once [default: the config's rate limit, at most 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
    #[command(flatten)]
    pub why: ReasonArgs,
    /// Take the certificate in the column successor_id, where a row of a result has one
    #[arg(long)]
    pub successors: bool,
    /// Only say what would be done
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    pub run: RunArgs,
}

fn duration(text: &str) -> Result<Duration, String> {
    svpki_types::parse_duration(text).ok_or_else(|| "write seconds, or like 90s or 10m".to_owned())
}
