//! Reads the index: rows in order from any position, and counts up to any position.
//!
//! Readers take no lock. If a node does not match what its parent has stored about it, it was changed between the two
//! reads. The read then starts again behind the last visited row.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use svpki_types::Backoff;

use super::super::store::{Key, Store};
use super::node::{Child, Counts, Item, Node, Root, add, child_for};
use super::{BucketTable, IndexRow, StatusBucket, Tree, time_key};
use svpki_types::ConfigName;
use vault_plugin::logical::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// A reader of the index. It reads each node only once, unless a read has to start again.
pub struct Reader<'a> {
    store: &'a Store,
    pub buckets: BucketTable,
    roots: HashMap<Tree, Option<Root>>,
    nodes: HashMap<(Tree, u64), Arc<Node>>,
    /// Nodes read from storage so far.
    pub reads: usize,
}

/// A position of a scan: the root of a tree, a child of an inner node, or a row of a leaf.
enum Step {
    Top(u64),
    Child(Arc<Node>, usize),
    IndexRow(Arc<Node>, usize),
}

/// How often a read starts again at most, and the growing pause before each restart.
const MOST_RESTARTS: u32 = 12;
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(2), Duration::from_millis(256));

/// How many nodes are read at most to visit the certificates in use.
const IN_USE_BUDGET: usize = if cfg!(test) { 100 } else { 2_000 };
/// The warning of an answer that did not count all certificates in use.
pub const IN_USE_CUT: &str = "this mount has more certificates in use than one answer can look at: renewals that a \
                              domain or a profile blocks are counted among those that end first";

/// How often a read has started again.
#[derive(Default)]
struct Restarts(u32);

impl<'a> Reader<'a> {
    pub async fn open(store: &'a Store) -> Result<Self, Error> {
        let buckets = BucketTable::load(store).await?;
        Ok(Self {
            store,
            buckets,
            roots: HashMap::new(),
            nodes: HashMap::new(),
            reads: 0,
        })
    }

    /// The counts of all rows by status bucket.
    pub async fn totals(&mut self) -> Result<Counts, Error> {
        let mut restarts = Restarts::default();
        loop {
            let Some(top) = self.top(Tree::Expiry).await? else {
                return Ok(Counts::new());
            };
            match self.node(Tree::Expiry, top, None).await? {
                Some(node) => return Ok(node.counts()),
                None => self.restart(Tree::Expiry, &mut restarts).await?,
            }
        }
    }

    /// The counts by status bucket of the rows whose key in `tree` is smaller than `key`.
    pub async fn below(&mut self, tree: Tree, key: &str) -> Result<Counts, Error> {
        let mut restarts = Restarts::default();
        loop {
            match self.try_below(tree, key).await? {
                Some(counts) => return Ok(counts),
                None => self.restart(tree, &mut restarts).await?,
            }
        }
    }

    async fn try_below(&mut self, tree: Tree, key: &str) -> Result<Option<Counts>, Error> {
        let mut counts = Counts::new();
        let Some(mut at) = self.top(tree).await? else {
            return Ok(Some(counts));
        };
        let mut expected: Option<Child> = None;
        loop {
            let Some(node) = self.node(tree, at, expected.as_ref()).await? else {
                return Ok(None);
            };
            match node.as_ref() {
                Node::Leaf(items) => {
                    for item in items.iter().take_while(|item| item.key.as_str() < key) {
                        *counts.entry(item.bucket).or_default() += 1;
                    }
                    return Ok(Some(counts));
                }
                Node::Inner(children) => {
                    let position = child_for(children, key);
                    for child in &children[..position] {
                        add(&mut counts, &child.counts);
                    }
                    let Some(child) = children.get(position) else {
                        return Ok(Some(counts));
                    };
                    at = child.node;
                    expected = Some(child.clone());
                }
            }
        }
    }

    /// Visits rows in order, beginning behind `after` (exclusive; `None`: at the start of this direction). Only nodes
    /// with a bucket that `wanted` accepts are read. `visit` says whether to continue. At most `budget` nodes are read;
    /// if that was not enough, answers the key behind which to continue.
    pub async fn scan(
        &mut self,
        tree: Tree,
        direction: Direction,
        after: Option<&str>,
        budget: usize,
        wanted: impl Fn(&StatusBucket) -> bool,
        mut visit: impl FnMut(&Visited<'_>) -> bool,
    ) -> Result<Option<String>, Error> {
        let wanted: Vec<bool> = self
            .buckets
            .iter()
            .map(|(_, bucket)| wanted(bucket))
            .collect();
        let has = |bucket: u32| wanted.get(bucket as usize).copied().unwrap_or(true);
        let start = self.reads;
        let mut restarts = Restarts::default();
        let mut visited = after.map(str::to_owned);
        let mut stack = match self.top(tree).await? {
            Some(top) => vec![Step::Top(top)],
            None => Vec::new(),
        };
        while let Some(step) = stack.pop() {
            let (id, expected) = match &step {
                Step::IndexRow(node, at) => {
                    let Node::Leaf(items) = node.as_ref() else {
                        continue;
                    };
                    let Item { key, row, .. } = &items[*at];
                    if !visit(&Visited { key, row }) {
                        return Ok(None);
                    }
                    visited = Some(key.clone());
                    continue;
                }
                Step::Child(node, at) => {
                    let Node::Inner(children) = node.as_ref() else {
                        continue;
                    };
                    (children[*at].node, Some(&children[*at]))
                }
                Step::Top(id) => (*id, None),
            };
            if self.reads - start >= budget {
                return Ok(Some(visited.unwrap_or_default()));
            }
            let after = visited.as_deref();
            let Some(node) = self.node(tree, id, expected).await? else {
                self.restart(tree, &mut restarts).await?;
                stack = match self.top(tree).await? {
                    Some(top) => vec![Step::Top(top)],
                    None => Vec::new(),
                };
                continue;
            };
            let mut steps: Vec<Step> = match node.as_ref() {
                Node::Leaf(items) => (0..items.len())
                    .filter(|&at| {
                        has(items[at].bucket) && is_after(direction, after, &items[at].key)
                    })
                    .map(|at| Step::IndexRow(Arc::clone(&node), at))
                    .collect(),
                Node::Inner(children) => children_behind(children, direction, after)
                    .filter(|&at| {
                        let mut counts = children[at].counts.iter();
                        counts.any(|(bucket, n)| *n > 0 && has(*bucket))
                    })
                    .map(|at| Step::Child(Arc::clone(&node), at))
                    .collect(),
            };
            if direction == Direction::Up {
                steps.reverse();
            }
            stack.append(&mut steps);
        }
        Ok(None)
    }

    /// Visits the certificates in use of the wanted configs, sorted by expiry. Answers whether all of them were
    /// visited.
    pub async fn in_use(
        &mut self,
        now: i64,
        wanted: impl Fn(&ConfigName) -> bool,
        mut visit: impl FnMut(&IndexRow),
    ) -> Result<bool, Error> {
        let of_use = |bucket: &StatusBucket| bucket.lifecycle.fixed().is_none();
        let cut = self
            .scan(
                Tree::Expiry,
                Direction::Up,
                Some(&time_key(now)),
                IN_USE_BUDGET,
                |bucket| of_use(bucket) && wanted(&bucket.config),
                |visited| {
                    visit(visited.row);
                    true
                },
            )
            .await?;
        Ok(cut.is_none())
    }

    async fn top(&mut self, tree: Tree) -> Result<Option<u64>, Error> {
        if !self.roots.contains_key(&tree) {
            let root = self.store.read(&Key::index_root(tree.folder())).await?;
            self.roots.insert(tree, root);
        }
        Ok(self
            .roots
            .get(&tree)
            .and_then(Option::as_ref)
            .map(|root| root.top))
    }

    /// Reads a node; `None` if it is gone or does not match what its parent has stored, because a writer has changed
    /// it in between.
    async fn node(
        &mut self,
        tree: Tree,
        id: u64,
        expected: Option<&Child>,
    ) -> Result<Option<Arc<Node>>, Error> {
        if let Some(node) = self.nodes.get(&(tree, id)) {
            return Ok(Some(Arc::clone(node)));
        }
        self.reads += 1;
        let node: Option<Node> = self.store.read(&Key::index_node(tree.folder(), id)).await?;
        let Some(node) = node.filter(|node| expected.is_none_or(|child| node.is_still(child)))
        else {
            return Ok(None);
        };
        let node = Arc::new(node);
        self.nodes.insert((tree, id), Arc::clone(&node));
        Ok(Some(node))
    }

    /// Forgets all nodes of a tree that were read, and waits a moment for the writer to finish.
    async fn restart(&mut self, tree: Tree, restarts: &mut Restarts) -> Result<(), Error> {
        if restarts.0 == MOST_RESTARTS {
            return Err(Error::Unavailable(format!(
                "the {} index changes faster than it can be read: try again",
                tree.folder()
            )));
        }
        self.roots.remove(&tree);
        self.nodes.retain(|(of, _), _| *of != tree);
        tokio::time::sleep(BACKOFF.after(restarts.0)).await;
        restarts.0 += 1;
        Ok(())
    }
}

/// A row that a scan visits.
pub struct Visited<'a> {
    pub key: &'a str,
    pub row: &'a IndexRow,
}

fn is_after(direction: Direction, after: Option<&str>, key: &str) -> bool {
    after.is_none_or(|after| match direction {
        Direction::Up => key > after,
        Direction::Down => key < after,
    })
}

/// The positions of the children that may contain rows behind `after`.
fn children_behind(children: &[Child], direction: Direction, after: Option<&str>) -> Range<usize> {
    let Some(after) = after else {
        return 0..children.len();
    };
    let position = child_for(children, after);
    match direction {
        Direction::Up => position..children.len(),
        Direction::Down => 0..children.len().min(position + 1),
    }
}
