//! Reads long lists page by page.

use std::collections::HashSet;

use super::call::Call;
use super::decode::Record;
use super::transport::Client;
use super::{ScmError, ScmErrorKind};

/// The largest page that SCM accepts.
const PAGE: usize = 200;

/// A list that is being read. SCM pages by position in a list without a documented order. So if the list changes in
/// the meantime, an entry may come twice (the second one is left out), or may be missed.
pub struct Listing<T> {
    client: Client,
    what: &'static str,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    read: fn(&Record) -> Option<(i64, T)>,
    position: Option<usize>,
    size: usize,
    seen: HashSet<i64>,
    total: Option<u64>,
}

impl<T> Listing<T> {
    pub(super) fn new(client: &Client, call: Call, read: fn(&Record) -> Option<(i64, T)>) -> Self {
        Self {
            client: client.clone(),
            what: call.what,
            path: call.path,
            query: call.query,
            read,
            position: Some(0),
            size: PAGE,
            seen: HashSet::new(),
            total: None,
        }
    }

    /// SCM's number of entries; known after the first page, if SCM gives it at all.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The next entries; `None` at the end.
    pub async fn next_page(&mut self) -> Result<Option<Vec<T>>, ScmError> {
        let Some(position) = self.position else {
            return Ok(None);
        };
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let mut call = Call::get(self.what, &path);
        call.query.clone_from(&self.query);
        let call = call
            .query("size", Some(self.size))
            .query("position", Some(position));
        let answer = self.client.send(call).await?;
        let records = answer.records()?;
        self.total = answer.total.or(self.total);
        let next = position + records.len();
        let fresh: Vec<T> = records
            .iter()
            .filter_map(self.read)
            .filter_map(|(id, entry)| self.seen.insert(id).then_some(entry))
            .collect();
        // Without a total, a page with fewer entries than requested is the last one; with a total, SCM may use smaller
        // pages than requested. A page without any new entry means that the pages repeat.
        let is_last = match self.total {
            Some(total) => next as u64 >= total,
            None => records.len() < self.size,
        };
        self.position = (!is_last && !fresh.is_empty()).then_some(next);
        Ok(if fresh.is_empty() { None } else { Some(fresh) })
    }

    /// Reads one page from `position`. The second value says whether more entries follow. `size` is at most 200.
    pub async fn page(mut self, position: usize, size: usize) -> Result<(Vec<T>, bool), ScmError> {
        self.position = Some(position);
        self.size = size.clamp(1, PAGE);
        let page = self.next_page().await?.unwrap_or_default();
        Ok((page, self.position.is_some()))
    }

    /// All remaining entries. More than `limit` entries are an error, because an incomplete list proves nothing.
    pub async fn all(mut self, limit: usize) -> Result<Vec<T>, ScmError> {
        let mut all = Vec::new();
        while let Some(mut page) = self.next_page().await? {
            all.append(&mut page);
            if all.len() > limit {
                return Err(ScmError::not_sent(
                    self.what,
                    ScmErrorKind::BadContent,
                    format!("there are more than {limit} entries: narrow it"),
                ));
            }
        }
        Ok(all)
    }
}
