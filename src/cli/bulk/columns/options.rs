//! What the operator says about columns: `--map` and `--strict`.

use super::Field;
use crate::cli::bulk::sheet::column_of_letters;

/// What the operator says about columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnOptions {
    pub map: Vec<ColumnMap>,
    /// An unknown column with content is an error.
    pub strict: bool,
}

/// A value of `--map`: `SAN 1=alt_names` gives a column its field, `Rack=none` leaves a column out, and `column
/// D=alt_names` is for a column without a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMap {
    pub(super) header: String,
    pub(super) field: Option<Field>,
}

impl std::str::FromStr for ColumnMap {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (header, field) = text
            .rsplit_once('=')
            .ok_or("write HEADER=FIELD, such as 'SAN 1=alt_names', or HEADER=none")?;
        let field = match field.trim() {
            "" | "none" => None,
            name => Some(Field::of(name).ok_or_else(|| {
                format!("{name:?} is no field: name one as a header would, such as common_name, alt_names, profile_id, term, comments, or none")
            })?),
        };
        Ok(Self {
            header: header.trim().to_lowercase(),
            field,
        })
    }
}

impl ColumnMap {
    /// The index of a column that is named by its letters.
    pub(super) fn index(&self) -> Option<usize> {
        column_of_letters(self.header.strip_prefix("column ")?.trim())
    }
}
