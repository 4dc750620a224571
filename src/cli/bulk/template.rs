//! `svpki bulk template`: writes a sheet with the right columns, drop-downs from the stored profiles, and notes.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DataValidation, Format as Style, Workbook, Worksheet, XlsxError};

use super::args::{TemplateArgs, TemplateFormat};
use super::columns::Field;
use super::preflight;
use super::request::CertKind;
use super::target::TargetConfig;
use crate::cli::{CliError, Context, Exit, check_free};
use svpki_types::api::ProfileResponse;

/// How many rows have drop-downs.
const ROWS: u32 = 5000;

pub async fn run(context: &Context, args: TemplateArgs) -> Result<Exit, CliError> {
    let target = preflight::target(context, &args.config).await?;
    let format = match args.format {
        Some(format) => format,
        None => args
            .out
            .as_deref()
            .map_or(Ok(TemplateFormat::default()), format_of)?,
    };
    let ending = match format {
        TemplateFormat::Xlsx => "xlsx",
        TemplateFormat::Csv => "csv",
    };
    let path = args
        .out
        .unwrap_or_else(|| PathBuf::from(format!("{}-template.{ending}", target.config)));
    let to_output = path == Path::new("-");
    if !to_output {
        check_free(&path, args.force)?;
    } else if format == TemplateFormat::Xlsx && context.ui.shows() {
        return Err(CliError::usage("a workbook is no text for a terminal")
            .hinted("name a file with --out"));
    }
    if target.profiles.is_empty() {
        context.ui.hint(&format!(
            "no profiles are stored, so there is nothing to choose from: svpki profile sync {}",
            target.config
        ));
    }
    let columns = columns(&target);
    let bytes = match format {
        TemplateFormat::Csv => csv(&columns)?,
        TemplateFormat::Xlsx => {
            workbook(&target, &columns).map_err(|why| CliError::failed(why.to_string()))?
        }
    };
    if to_output {
        context.ui.data(&bytes)?;
        return Ok(Exit::Done);
    }
    crate::cli::write_new(&path, &bytes, crate::cli::Access::Everyone, args.force)?;
    context.ui.status(&format!(
        "{path} is written; fill it in, then: svpki bulk plan --config {} {path}",
        target.config,
        path = path.display(),
    ));
    Ok(Exit::Done)
}

/// The format for the ending of a file name.
fn format_of(path: &Path) -> Result<TemplateFormat, CliError> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        None | Some("xlsx") => Ok(TemplateFormat::Xlsx),
        Some("csv") => Ok(TemplateFormat::Csv),
        Some(other) => Err(CliError::usage(format!(
            "{}: a template is an XLSX or a CSV file, not .{other}",
            path.display()
        ))
        .hinted("name it .xlsx (LibreOffice opens it, too), or say with --format which of the two it is")),
    }
}

/// A column of the template, with its note.
struct Column {
    title: String,
    note: &'static str,
    choices: Vec<String>,
}

fn columns(target: &TargetConfig) -> Vec<Column> {
    let profiles = &target.profiles;
    let mut columns = Vec::new();
    let mut add = |field: Field, note, choices| {
        columns.push(Column {
            title: field.title().to_owned(),
            note,
            choices,
        });
    };
    match target.kind {
        CertKind::Ssl => {
            add(
                Field::CommonName,
                "The certificate's first name, such as www.example.com. Every row needs one.",
                Vec::new(),
            );
            add(
                Field::AltNames,
                "Further names, with commas, semicolons or line breaks between.",
                Vec::new(),
            );
        }
        CertKind::Client => {
            add(Field::FirstName, "Of the person. Needed.", Vec::new());
            add(Field::LastName, "Of the person. Needed.", Vec::new());
            add(
                Field::Email,
                "The address that the certificate is for. Needed.",
                Vec::new(),
            );
        }
    }
    add(
        Field::Profile,
        "Name or id. Empty: the config's own.",
        profile_names(profiles),
    );
    add(
        Field::Term,
        "Days; it must be one of the profile's. Empty: the config's own.",
        terms(profiles),
    );
    add(
        Field::KeyType,
        "RSA or EC. Empty: the config's own.",
        key_types(profiles),
    );
    add(
        Field::KeySize,
        "2048, 3072 or 4096; P-256, P-384 or P-521.",
        key_sizes(profiles),
    );
    add(Field::Comments, "SCM keeps it with the order.", Vec::new());
    if target.kind == CertKind::Ssl {
        add(
            Field::ExternalRequester,
            "E-mail addresses that SCM informs, with commas between.",
            Vec::new(),
        );
    }
    let mut mandatory: Vec<&String> = profiles
        .iter()
        .flat_map(|profile| &profile.mandatory_custom_fields)
        .collect();
    mandatory.sort();
    mandatory.dedup();
    for name in mandatory {
        columns.push(Column {
            title: format!("Custom Field: {name}"),
            note: "SCM demands this field for at least one of the profiles.",
            choices: Vec::new(),
        });
    }
    columns
}

/// The names of the profiles, with the id where two profiles have the same name.
fn profile_names(profiles: &[ProfileResponse]) -> Vec<String> {
    let twins = |name: &str| {
        profiles
            .iter()
            .filter(|profile| profile.name == name)
            .count()
            > 1
    };
    profiles
        .iter()
        .map(|profile| match twins(&profile.name) {
            true => format!("{} ({})", profile.name, profile.id),
            false => profile.name.clone(),
        })
        .collect()
}

fn terms(profiles: &[ProfileResponse]) -> Vec<String> {
    let mut terms: Vec<i64> = profiles
        .iter()
        .flat_map(|profile| profile.terms.iter().copied())
        .collect();
    terms.sort_unstable();
    terms.dedup();
    terms.iter().map(i64::to_string).collect()
}

fn key_types(profiles: &[ProfileResponse]) -> Vec<String> {
    let mut types: Vec<String> = profiles
        .iter()
        .flat_map(|profile| profile.key_types.keys().cloned())
        .collect();
    types.sort();
    types.dedup();
    types
}

fn key_sizes(profiles: &[ProfileResponse]) -> Vec<String> {
    let mut sizes: Vec<String> = profiles
        .iter()
        .flat_map(|profile| profile.key_types.values().flatten().cloned())
        .collect();
    sizes.sort();
    sizes.dedup();
    sizes
}

fn csv(columns: &[Column]) -> Result<Vec<u8>, CliError> {
    let failed = |why: String| CliError::failed(why);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(columns.iter().map(|column| column.title.as_str()))
        .map_err(|why| failed(why.to_string()))?;
    writer.into_inner().map_err(|why| failed(why.to_string()))
}

fn workbook(target: &TargetConfig, columns: &[Column]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let bold = Style::new().set_bold();
    // Format the cells as text, so that Excel does not change names into dates and `00421` keeps its zeros.
    let text = Style::new().set_num_format("@");
    let sheet = workbook.add_worksheet().set_name("Certificates")?;
    sheet.set_freeze_panes(1, 0)?;
    let mut lists = Worksheet::new();
    lists.set_name("Lists")?.set_hidden(true);
    for (index, column) in columns.iter().enumerate() {
        let index = index as u16;
        sheet.write_string_with_format(0, index, &column.title, &bold)?;
        sheet.set_column_format(index, &text)?;
        sheet.set_column_width(index, if index < 2 { 40 } else { 22 })?;
        if column.choices.is_empty() {
            continue;
        }
        // A drop-down whose values are in cells can be of any length; a list inside the rule is limited to 255
        // characters.
        for (row, choice) in column.choices.iter().enumerate() {
            lists.write_string(row as u32, index, choice)?;
        }
        let letter = super::sheet::column_letters(usize::from(index));
        let range = format!("=Lists!${letter}$1:${letter}${}", column.choices.len());
        let rule = DataValidation::new()
            .allow_list_formula(range.as_str().into())
            .set_error_title(column.title.chars().take(32).collect::<String>())?
            .set_error_message("Choose from the list, or leave it empty for the config's own.")?;
        sheet.add_data_validation(1, index, ROWS, index, &rule)?;
    }
    notes(workbook.add_worksheet(), target, columns, &bold)?;
    workbook.push_worksheet(lists);
    workbook.save_to_buffer()
}

fn notes(
    sheet: &mut Worksheet,
    target: &TargetConfig,
    columns: &[Column],
    bold: &Style,
) -> Result<(), XlsxError> {
    sheet.set_name("Notes")?;
    sheet.set_column_width(0, 28)?;
    sheet.set_column_width(1, 90)?;
    let mut row = 0;
    let mut line = |name: &str, words: &str| -> Result<(), XlsxError> {
        sheet.write_string_with_format(row, 0, name, bold)?;
        sheet.write_string(row, 1, words)?;
        row += 1;
        Ok(())
    };
    line("Config", &target.config)?;
    line("Made", &jiff::Zoned::now().strftime("%Y-%m-%d").to_string())?;
    line(
        "How to go on",
        &format!(
            "svpki bulk plan --config {} FILE, then svpki bulk apply",
            target.config
        ),
    )?;
    line(
        "",
        "Columns may stand in any order; those that are not needed may be removed.",
    )?;
    for column in columns {
        line(&column.title, column.note)?;
    }
    for profile in &target.profiles {
        let keys: Vec<String> = profile
            .key_types
            .iter()
            .map(|(kind, sizes)| format!("{kind} {}", sizes.join(", ")))
            .collect();
        let terms: Vec<String> = profile.terms.iter().map(i64::to_string).collect();
        let mut words = format!(
            "id {}; terms {}; keys {}",
            profile.id,
            terms.join(", "),
            keys.join("; ")
        );
        if !profile.mandatory_custom_fields.is_empty() {
            words.push_str(&format!(
                "; needs {}",
                profile.mandatory_custom_fields.join(", ")
            ));
        }
        line(&format!("Profile {}", profile.name), &words)?;
    }
    Ok(())
}
