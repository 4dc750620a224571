//! Sheets from real programs, most of which were once misread, with the correct outcome.

use crate::formats::fixture;
use crate::stage::Stage;

/// The plan of a sheet: each row's verdict with a part of its reason, or why there is no plan.
enum Outcome {
    Rows(&'static [(&'static str, &'static str)]),
    Refused(&'static str),
}

use Outcome::{Refused, Rows};

const NEW: (&str, &str) = ("new", "");

/// The file, the flags of `plan`, and the outcome.
const SHEETS: &[(&str, &[&str], Outcome)] = &[
    ("06_pandas.csv", &[], Rows(&[NEW, NEW, NEW])),
    (
        "105_config_mount_columns.csv",
        &[],
        Rows(&[NEW, ("invalid", "there is no config \"once\"")]),
    ),
    ("107_san_typo_header.csv", &[], Refused("looks like")),
    (
        "107_san_typo_header.csv",
        &["--map", "Subject Alternative Nmaes of host=alt_names"],
        Rows(&[NEW]),
    ),
    ("117_part_name_case.xlsx", &[], Rows(&[NEW, NEW, NEW])),
    ("128_ods_hidden_rows.ods", &[], Rows(&[NEW])),
    (
        "128_ods_hidden_rows.ods",
        &["--hidden", "take"],
        Rows(&[NEW, NEW, NEW]),
    ),
    ("133_html_as_xls.xls", &[], Refused("a web page")),
    (
        "134_spreadsheetml2003.xml",
        &[],
        Refused("XML Spreadsheet 2003"),
    ),
    ("141_sheetjs_xlsb.xlsb", &[], Refused("save it as .xlsx")),
    ("151_sheetjs_dif.dif", &[], Refused("DIF")),
    (
        "20_formula_nocache.xlsx",
        &[],
        Rows(&[
            ("invalid", "the formula in B2 has no stored value"),
            ("invalid", "the formula in B3 has no stored value"),
            ("invalid", "the formula in B4 has no stored value"),
        ]),
    ),
    (
        "22_formula_nocache_term.xlsx",
        &[],
        Rows(&[
            ("invalid", "the formula in D2 has no stored value"),
            ("invalid", "the formula in C3 has no stored value"),
            ("invalid", "has no stored value"),
        ]),
    ),
    (
        "25_xlsxwriter_formula_default0.xlsx",
        &[],
        Rows(&[
            (
                "invalid",
                "column B (Subject Alternative Names): the spreadsheet made a number of it (0)",
            ),
            ("invalid", "column D (Term)"),
            NEW,
        ]),
    ),
    (
        "27_dates.xlsx",
        &[],
        Rows(&[
            ("invalid", "made a date of it (2026-11-01)"),
            ("invalid", "made a number of it (10.2)"),
            ("invalid", "made a truth value"),
            ("invalid", "made a date"),
            ("invalid", "column D (Term)"),
            (
                "invalid",
                "column B (Subject Alternative Names): the spreadsheet made a date of it (2027-11-01)",
            ),
        ]),
    ),
    ("30_hidden_rows.xlsx", &[], Rows(&[NEW; 4])),
    (
        "30_hidden_rows.xlsx",
        &["--hidden", "take"],
        Rows(&[NEW; 5]),
    ),
    ("33_hidden_first_sheet.xlsx", &[], Rows(&[NEW, NEW, NEW])),
    (
        "41_title_rows_with_Domain_word.xlsx",
        &[],
        Rows(&[NEW, NEW, NEW]),
    ),
    (
        "44_vertical_merge.xlsx",
        &[],
        Rows(&[
            ("invalid", "merged over several rows"),
            ("invalid", "merged over several rows"),
            NEW,
            NEW,
            NEW,
        ]),
    ),
    ("54_german_headers.xlsx", &[], Rows(&[NEW, NEW, NEW])),
    (
        "59_inventory_columns.xlsx",
        &[],
        Rows(&[
            (
                "invalid",
                "there is no config \"smime\" in the mount \"other\"",
            ),
            NEW,
        ]),
    ),
    (
        "59_inventory_columns.xlsx",
        &["--map", "Config=none", "--map", "Mount=none"],
        Rows(&[NEW, NEW]),
    ),
    ("63_pipe.csv", &[], Rows(&[NEW, NEW])),
    ("77_title_commas_semicolon_body.csv", &[], Rows(&[NEW])),
    ("85_space_quote.csv", &[], Rows(&[NEW])),
    ("87_excel_eq_string.csv", &[], Rows(&[NEW])),
    (
        "97_names.xlsx",
        &[],
        Rows(&[
            NEW,
            NEW,
            NEW,
            NEW,
            NEW,
            NEW,
            NEW,
            ("invalid", "\"/\" has no dot"),
            ("invalid", "\"and\" has no dot"),
            ("invalid", "\"dns\" has no dot"),
            NEW,
            ("invalid", "is not a valid domain name"),
            NEW,
            NEW,
            NEW,
            ("invalid", "ends with a dot"),
            NEW,
            NEW,
            NEW,
            NEW,
            NEW,
            NEW,
            ("invalid", "typographic quotation mark"),
            ("invalid", "is not a valid domain name"),
            ("invalid", "not a URL"),
            ("invalid", "without a port"),
            ("invalid", "private address"),
            (
                "invalid",
                "column B (Subject Alternative Names): \"10.1.2.3\" is a private address",
            ),
            ("invalid", "has no dot"),
            ("invalid", "hold no '_'"),
            ("invalid", "a wildcard is a single"),
            ("invalid", "typographic hyphen (–, U+2013)"),
            ("invalid", "U+2011"),
            ("invalid", "a label is long"),
            ("invalid", "common name"),
            ("invalid", "is not a valid domain name"),
            ("invalid", "contains spaces"),
            ("invalid", "is not a valid domain name"),
            ("invalid", "is an e-mail address"),
            ("invalid", "has no dot"),
            ("invalid", "has no dot"),
            ("invalid", "has no dot"),
            NEW,
            NEW,
            ("invalid", "ends with a dot"),
            NEW,
            ("invalid", "contains spaces"),
            ("invalid", "has no dot"),
            ("invalid", "has no dot"),
            NEW,
        ]),
    ),
    // A flat OpenDocument file whose table is in the second sheet.
    (
        "odd.fods",
        &[],
        Refused("choose another sheet with --sheet: Hosts"),
    ),
    ("corner.xlsx", &[], Rows(&[NEW, NEW, NEW])),
    ("encrypted.ods", &[], Refused("has a password")),
    ("hint_two_sheets.xlsx", &[], Rows(&[NEW, NEW, NEW])),
    ("renew_revoke_cut.csv", &[], Rows(&[NEW; 12])),
    ("revoked_then_again.csv", &[], Rows(&[NEW, NEW, NEW])),
    ("sst_count_lie.xlsx", &[], Rows(&[NEW, NEW, NEW])),
    // A list with the same separator as the file, without quotation marks.
    (
        "names_without_quotes.csv",
        &[],
        Rows(&[
            (
                "invalid",
                "D2: \"b.nq-1.example.com\" stands under no header",
            ),
            NEW,
            NEW,
        ]),
    ),
    (
        "names_without_quotes.csv",
        &["--map", "column D=alt_names", "--strict"],
        Rows(&[NEW; 3]),
    ),
    (
        "names_without_quotes.csv",
        &["--strict", "--map", "column D=none"],
        Rows(&[NEW; 3]),
    ),
    (
        "two_header_rows_small.csv",
        &[],
        Rows(&[
            ("invalid", "repeats the header"),
            NEW,
            ("invalid", "has no dot"),
        ]),
    ),
    ("yearly.csv", &[], Rows(&[NEW, NEW])),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_sheet_has_its_right_outcome() {
    let stage = Stage::open().await;
    let mut wrong = Vec::new();
    for (name, flags, outcome) in SHEETS {
        let file = stage.file(name, std::fs::read(fixture(name)).unwrap());
        let args = [&["plan", "--config", "web", "-o", "json"], *flags].concat();
        let ended = stage.run(&args, &file).await;
        let what = format!(
            "{name} {flags:?}: {:?}\n{}\n{}",
            ended.code, ended.out, ended.err
        );
        match outcome {
            Refused(words) => {
                if ended.code != Some(2) || !ended.err.contains(words) {
                    wrong.push(what);
                }
            }
            Rows(rows) => {
                let Ok(plan) = serde_json::from_str::<serde_json::Value>(&ended.out) else {
                    wrong.push(what);
                    continue;
                };
                let planned = plan["rows"].as_array().unwrap();
                let same = planned.len() == rows.len()
                    && planned
                        .iter()
                        .zip(*rows)
                        .all(|(planned, (verdict, words))| {
                            planned["verdict"] == *verdict
                                && planned["message"].as_str().unwrap().contains(words)
                        });
                if !same {
                    wrong.push(what);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
