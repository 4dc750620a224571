//! Workbooks as programs write them, with each trait by each available producer; and how a result preserves a workbook.

use std::path::{Path, PathBuf};
use std::process::Command;

use sectigo_vault_pki::cli::bulk::sheet::{Cell, Dialect, Format, ResultWriter};
use serde_json::Value;

use crate::python::python;
use crate::stage::Stage;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bulk/producers.py");

/// Runs a verb of `producers.py` and returns its output.
fn producers(verb: &str, path: &Path) -> String {
    let packages = ["openpyxl==3.1.5", "XlsxWriter==3.3.1", "odfpy==1.4.1"];
    let python = python("producers", "openpyxl, xlsxwriter, odf", &packages);
    let output = Command::new(python)
        .args([SCRIPT, verb])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn looked_at(path: &Path) -> Value {
    serde_json::from_str(&producers("look", path)).unwrap()
}

const NEW: (&str, &str) = ("new", "");

/// The verdicts of the rows, or a part of the reason why there is no plan.
type Expected = Result<&'static [(&'static str, &'static str)], &'static str>;

/// The expected plan for each trait.
const TRAITS: &[(&str, Expected)] = &[
    ("plain", Ok(&[NEW, NEW])),
    (
        "formula_without_value",
        Ok(&[NEW, ("invalid", "the formula in B3 has no stored value")]),
    ),
    (
        "formula_default",
        Ok(&[NEW, ("invalid", "the spreadsheet made a number of it (0)")]),
    ),
    ("formula_with_value", Ok(&[NEW, NEW])),
    ("hidden_row", Ok(&[NEW, NEW])),
    ("hidden_sheet", Ok(&[NEW, NEW])),
    ("title_above", Ok(&[NEW, NEW])),
    (
        "date_in_names",
        Ok(&[
            NEW,
            (
                "invalid",
                "column B (Subject Alternative Names): the spreadsheet made a date of it (2027-11-01)",
            ),
        ]),
    ),
    (
        "date_as_name",
        Ok(&[
            NEW,
            (
                "invalid",
                "column A (Common Name): the spreadsheet made a date of it (2027-11-01)",
            ),
        ]),
    ),
    ("terms", Ok(&[NEW; 4])),
    (
        "long_number",
        Ok(&[NEW, ("invalid", "the number in D3 has more than 15 digits")]),
    ),
    ("several_sans", Ok(&[NEW])),
    (
        "merged_down",
        Ok(&[
            NEW,
            ("invalid", "merged over several rows"),
            ("invalid", "merged over several rows"),
        ]),
    ),
    ("merged_header", Ok(&[NEW])),
    (
        "names_under_no_header",
        Ok(&[
            NEW,
            ("invalid", "E3: \"b.example.com\" stands under no header"),
            NEW,
        ]),
    ),
    ("totals", Ok(&[NEW, NEW, ("invalid", "has no dot")])),
    (
        "smart_quotes",
        Ok(&[NEW, ("invalid", "typographic quotation mark")]),
    ),
    ("look_alike", Err("looks like")),
];

/// Our own writer is a producer as well, because results are used as inputs.
fn with_our_writer(folder: &Path) {
    let header = ["Common Name", "Subject Alternative Names", "Term"];
    let row = |cells: [&str; 3]| cells.map(Cell::text);
    let hidden = [("own-1.example.com", false), ("own-2.example.com", true)];
    let sheet = || "Rechner größer".to_owned();
    for (ending, format) in [
        ("csv", Format::Csv(Dialect::default())),
        ("xlsx", Format::Xlsx { sheet: sheet() }),
        ("ods", Format::Ods { sheet: sheet() }),
    ] {
        let path = |name: &str| folder.join(format!("own-{name}.{ending}"));
        let mut writer = ResultWriter::create(&path("plain"), &format).unwrap();
        writer.row(&row(header)).unwrap();
        for san in ["", "a.example.com\nb.example.com"] {
            let name = format!("own-plain{}.example.com", san.len());
            writer.row(&row([&name, san, "90"])).unwrap();
        }
        writer.finish().unwrap();
        if ending == "csv" {
            continue;
        }
        let mut writer = ResultWriter::create(&path("hidden_row"), &format).unwrap();
        writer.row(&row(header)).unwrap();
        for (name, hides) in [hidden[0], hidden[1], ("own-3.example.com", false)] {
            writer.row_hidden(&row([name, "", "90"]), hides).unwrap();
        }
        writer.finish().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_trait_of_every_producer_has_its_right_outcome() {
    let stage = Stage::open().await;
    let folder = stage.path("made");
    std::fs::create_dir(&folder).unwrap();
    tokio::task::block_in_place(|| producers("make", &folder));
    with_our_writer(&folder);
    let files = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 50 + 5, "{files:?}");
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (_, of_file) = name.split_once('-').unwrap();
        let (_, expected) = TRAITS.iter().find(|(name, _)| *name == of_file).unwrap();
        let ended = stage.run(&["plan", "-o", "json"], file).await;
        let plan = serde_json::from_str::<Value>(&ended.out);
        let right = match (expected, &plan) {
            (Err(words), Err(_)) => ended.code == Some(2) && ended.err.contains(words),
            (Ok(rows), Ok(plan)) => {
                let planned = plan["rows"].as_array().unwrap();
                let same = |(row, (verdict, words)): (&Value, &(&str, &str))| {
                    row["verdict"] == *verdict && row["message"].as_str().unwrap().contains(words)
                };
                let merged = of_file == "merged_header";
                let both = ["mh-1.example.com", "a.example.com", "b.example.com"];
                let named =
                    |row: &Value| !merged || row["subject_alt_names"] == serde_json::json!(both);
                planned.len() == rows.len()
                    && planned.iter().zip(*rows).all(same)
                    && planned.iter().all(named)
            }
            _ => false,
        };
        if !right {
            wrong.push(format!("{}:\n{}{}", file.display(), ended.out, ended.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Regression: the result had only one sheet, without formats, widths and drop-downs, so typed texts became dates
/// again.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_leaves_a_workbook_as_people_keep_it() {
    let stage = Stage::open().await;
    let file = stage.path("hosts.xlsx");
    tokio::task::block_in_place(|| producers("rich", &file));
    let before = tokio::task::block_in_place(|| looked_at(&file));
    let sheet = ["--sheet", "Hosts"];
    stage
        .run(&[&["apply", "--yes"], &sheet[..]].concat(), &file)
        .await
        .expect(0);
    let result = stage.path("hosts.Hosts.web.result.xlsx");
    let after = tokio::task::block_in_place(|| looked_at(&result));
    for kept in [
        "sheets", "notes", "log", "width", "format", "bold", "frozen", "filter", "lists", "beside",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}: {after}");
    }
    let rows = after["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["status"], "issued", "{row}");
        assert!(!row["id"].as_str().unwrap().is_empty());
    }

    // The next day somebody adds a host and a column.
    tokio::task::block_in_place(|| producers("edit", &result));
    let again = [&["apply", "--yes", "--config", "web"], &sheet[..]].concat();
    stage.run(&again, &result).await.expect(0);
    assert_eq!(stage.orders_at_scm().await, 3);
    let last = tokio::task::block_in_place(|| looked_at(&result));
    let rows = last["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{last}");
    assert_eq!(rows[0]["Deployed"], "yes");
    assert_eq!(rows[0]["id"], after["rows"][0]["id"]);
    assert_eq!(rows[2]["status"], "issued");
    assert_eq!(last["sheets"], before["sheets"]);
    assert_eq!(last["lists"], before["lists"]);

    // The result can be used for the next step: a plan of a renewal takes all three certificates.
    let renewed = [
        &["renew", "--yes", "--config", "web", "--plan", "-o", "json"],
        &sheet[..],
    ]
    .concat();
    let plan = stage.run(&renewed, &result).await.expect(0).json();
    assert_eq!(plan["summary"]["new"], 3, "{plan}");
}

/// The same for an ODS table with repeated rows and cells, a second table, and styles.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_leaves_an_ods_file_as_people_keep_it() {
    let stage = Stage::open().await;
    let file = stage.file(
        "odd.ods",
        std::fs::read(crate::formats::fixture("odd.ods")).unwrap(),
    );
    let texts = |path: &Path, sheet: &str| {
        crate::formats::texts(&crate::formats::rows_here(path, Some(sheet)).unwrap())
    };
    let (notes, hosts) = (texts(&file, "Notes"), texts(&file, "Hosts"));
    let args = ["apply", "--yes", "--config", "web", "--sheet", "Hosts"];
    stage.run(&args, &file).await.expect(6);
    let result = stage.path("odd.Hosts.web.result.ods");
    assert_eq!(texts(&result, "Notes"), notes);
    let after = texts(&result, "Hosts");
    assert_eq!(after.len(), hosts.len());
    for ((number, after), (before_number, before)) in after.iter().zip(&hosts) {
        assert_eq!(number, before_number);
        assert_eq!(after[..before.len()], before[..], "row {number}");
    }
    let styles = |path: &Path| {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name("content.xml").unwrap(), &mut text)
            .unwrap();
        text.matches("table:style-name=").count()
    };
    assert!(styles(&result) >= styles(&file));
    // Used as an input, it gives the same result.
    stage.run(&args, &result).await.expect(6);
    assert_eq!(texts(&result, "Hosts"), after);
    assert_eq!(texts(&result, "Notes"), notes);
}
