//! The structure of a workbook: its sheets and the parts that contain them.

use std::io::{BufRead, BufReader};

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::cli::bulk::sheet::archive::damaged;
use crate::cli::bulk::sheet::xml::{Xml, attribute, broken, is};
use crate::cli::bulk::sheet::{ReadError, SharedFile, Tab};

pub(super) type Archive = ZipArchive<BufReader<SharedFile>>;

pub(super) struct Workbook {
    /// The sheets and their parts, in the order of the tabs.
    pub(super) sheets: Vec<(Tab, String)>,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
    /// Days are counted from 1904, as in old versions of Excel for the Mac.
    pub(super) from_1904: bool,
}

/// The most sheets or relations in a workbook.
const MOST: usize = 10_000;

struct Relation {
    id: String,
    kind: String,
    part: String,
}

impl Workbook {
    pub(super) fn read(archive: &mut Archive) -> Result<Self, ReadError> {
        let of_package = relations(archive, "_rels/.rels", "")?;
        let main = of_package
            .into_iter()
            .find(|relation| relation.kind.ends_with("/officeDocument"))
            .ok_or_else(|| ReadError::Damaged("it names no workbook".into()))?
            .part;
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let relations = relations(
            archive,
            &join(folder, &format!("_rels/{name}.rels")),
            folder,
        )?;
        let with_kind = |end: &str| {
            let found = relations.iter().find(|one| one.kind.ends_with(end));
            found.map(|relation| relation.part.clone())
        };
        let mut this = Self {
            sheets: Vec::new(),
            strings: with_kind("/sharedStrings"),
            styles: with_kind("/styles"),
            from_1904: false,
        };
        let mut xml = Xml::new(part(archive, &main)?);
        loop {
            match xml.event()? {
                Event::Start(start) | Event::Empty(start) if is(&start, "workbookPr") => {
                    let set = attribute(&start, "date1904")?;
                    this.from_1904 = set.is_some_and(|set| set == "1" || set == "true");
                }
                Event::Start(start) | Event::Empty(start) if is(&start, "sheet") => {
                    let tab = Tab {
                        name: attribute(&start, "name")?.unwrap_or_default(),
                        hidden: attribute(&start, "state")?
                            .is_some_and(|state| state.to_lowercase().contains("hidden")),
                    };
                    let mut id = None;
                    for one in start.attributes() {
                        let one = one.map_err(|e| ReadError::Damaged(e.to_string()))?;
                        if one.key.local_name().as_ref() == "id" && one.key.as_ref() != "id" {
                            let value = one.normalized_value(quick_xml::XmlVersion::Explicit1_0);
                            id = Some(value.map_err(broken)?.into_owned());
                        }
                    }
                    let at = relations.iter().find(|one| Some(&one.id) == id.as_ref());
                    // A chart sheet is also a sheet, but has no table.
                    if let Some(at) = at.filter(|one| one.kind.ends_with("/worksheet")) {
                        this.sheets.push((tab, at.part.clone()));
                    }
                }
                Event::Eof => return Ok(this),
                _ => {}
            }
            if this.sheets.len() > MOST {
                return Err(ReadError::Damaged("it has more than 10,000 sheets".into()));
            }
        }
    }
}

/// Opens a part of the archive, which is unpacked while it is read. Case and backslashes in the name do not matter,
/// because some programs do not write them as in the references.
pub(super) fn part<'a>(
    archive: &'a mut Archive,
    name: &str,
) -> Result<impl BufRead + 'a + use<'a>, ReadError> {
    let index = index_of(archive, name);
    match index.map(|index| archive.by_index(index)) {
        Some(Ok(part)) => Ok(BufReader::new(part)),
        None | Some(Err(ZipError::FileNotFound)) => {
            Err(ReadError::Damaged(format!("{name} is missing")))
        }
        Some(Err(error)) => Err(damaged(error)),
    }
}

pub(super) fn index_of(archive: &Archive, name: &str) -> Option<usize> {
    archive.index_for_name(name).or_else(|| {
        (0..archive.len()).find(|index| {
            archive.name_for_index(*index).is_some_and(|other| {
                other
                    .unwrap_or_default()
                    .replace('\\', "/")
                    .eq_ignore_ascii_case(name)
            })
        })
    })
}

fn relations(archive: &mut Archive, name: &str, folder: &str) -> Result<Vec<Relation>, ReadError> {
    let mut relations = Vec::new();
    let mut xml = Xml::new(part(archive, name)?);
    loop {
        match xml.event()? {
            Event::Start(start) | Event::Empty(start) if is(&start, "Relationship") => {
                let text = |name| Ok::<_, ReadError>(attribute(&start, name)?.unwrap_or_default());
                let target = text("Target")?;
                relations.push(Relation {
                    id: text("Id")?,
                    kind: text("Type")?,
                    part: match target.strip_prefix('/') {
                        Some(whole) => whole.to_owned(),
                        None => join(folder, &target),
                    },
                });
            }
            Event::Eof => return Ok(relations),
            _ => {}
        }
        if relations.len() > MOST {
            return Err(ReadError::Damaged(
                "it has more than 10,000 relations".into(),
            ));
        }
    }
}

/// A path in a folder, with `..` and `.` resolved.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
