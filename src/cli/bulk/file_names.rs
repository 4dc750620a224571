//! The names of the files that are written beside an input.

use std::path::{Path, PathBuf};

use super::sheet::Format;

/// What the names of a run's files contain besides the name of the input.
#[derive(Debug, Clone, Default)]
pub struct RunName {
    /// The config of the run. `None` when the rows name their configs.
    pub config: Option<String>,
    /// The sheet that `--sheet` chose.
    pub sheet: Option<String>,
}

/// The path of the result: `hosts.csv` becomes `hosts.web.result.csv`. An input that is itself a result is replaced.
pub fn result_path(input: &Path, format: &Format, run: &RunName) -> PathBuf {
    if is_own_result(input, run) {
        return input.to_owned();
    }
    let name = stem(input, run);
    input.with_file_name(format!("{name}.result.{}", format.extension()))
}

/// The path of the journal. It is beside the input; a result has the same journal as its input.
pub fn journal_path(input: &Path, run: &RunName) -> PathBuf {
    let name = if is_own_result(input, run) {
        base(input).unwrap_or_default()
    } else {
        stem(input, run)
    };
    let path = input.with_file_name(format!("{name}.svpki-journal"));
    // Older versions kept one journal for all configs and sheets of a file. Go on with it if it exists.
    let plain = base(input).unwrap_or_else(|| file_stem(input));
    let old = input.with_file_name(format!("{plain}.svpki-journal"));
    if !path.exists() && old.exists() {
        return old;
    }
    path
}

pub fn file_stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn stem(input: &Path, run: &RunName) -> String {
    let mut name = if input == Path::new("-") {
        "stdin".to_owned()
    } else {
        file_stem(input)
    };
    for part in [&run.sheet, &run.config].into_iter().flatten() {
        let part: String = part
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "-_ ".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        name = format!("{name}.{part}");
    }
    name
}

/// `hosts.web` for `hosts.web.result.csv`. `None` when the file is not a result.
fn base(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    Some(stem.strip_suffix(".result")?.to_owned()).filter(|base| !base.is_empty())
}

/// Whether `input` is a result of the same config, or a result of an older version whose journal is beside it.
fn is_own_result(input: &Path, run: &RunName) -> bool {
    let Some(base) = base(input) else {
        return false;
    };
    let of_config = run
        .config
        .as_ref()
        .is_none_or(|config| base.ends_with(&format!(".{config}")));
    of_config
        || input
            .with_file_name(format!("{base}.svpki-journal"))
            .exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_named_after_file_sheet_and_config() {
        let csv = Format::Csv(Default::default());
        let run = |sheet: Option<&str>, config: &str| RunName {
            config: Some(config.to_owned()),
            sheet: sheet.map(str::to_owned),
        };
        let path = |name: &str, run: RunName| {
            result_path(Path::new(name), &csv, &run)
                .display()
                .to_string()
        };
        assert_eq!(
            path("d/hosts.csv", run(None, "web")),
            "d/hosts.web.result.csv"
        );
        assert_eq!(
            path("d/hosts.csv", run(Some("Berlin/1"), "web")),
            "d/hosts.Berlin_1.web.result.csv"
        );
        assert_eq!(
            path("d/hosts.web.result.csv", run(None, "web")),
            "d/hosts.web.result.csv"
        );
        assert_eq!(
            path("d/hosts.web.result.csv", run(None, "once")),
            "d/hosts.web.result.once.result.csv"
        );
        let journal = |name: &str| journal_path(Path::new(name), &run(None, "web"));
        assert_eq!(
            journal("d/hosts.csv"),
            Path::new("d/hosts.web.svpki-journal")
        );
        assert_eq!(
            journal("d/hosts.web.result.csv"),
            Path::new("d/hosts.web.svpki-journal")
        );
    }
}
