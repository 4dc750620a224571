//! Reading the index: rows in order from any place, and counts up to any place.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::store::{Key, Store};
use super::node::{Child, Counts, Node, Root, add, child_for};
use super::{Class, Classes, Row, Tree};
use crate::plugin::logical::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// One look at the index. Nodes that were read once are not read again during the same look.
pub struct Reader<'a> {
    store: &'a Store,
    pub classes: Classes,
    roots: HashMap<Tree, Option<Root>>,
    nodes: HashMap<(Tree, u64), Arc<Node>>,
    /// Nodes read from storage so far.
    pub reads: usize,
}

/// Where a scan stands.
enum Step {
    Open(u64),
    Row(Arc<Node>, usize),
}

impl<'a> Reader<'a> {
    pub async fn open(store: &'a Store) -> Result<Self, Error> {
        let classes = Classes::load(store).await?;
        Ok(Self {
            store,
            classes,
            roots: HashMap::new(),
            nodes: HashMap::new(),
            reads: 0,
        })
    }

    /// Rows by class, over the whole tree.
    pub async fn totals(&mut self) -> Result<Counts, Error> {
        match self.top(Tree::Expiry).await? {
            Some(top) => Ok(self.node(Tree::Expiry, top).await?.counts()),
            None => Ok(Counts::new()),
        }
    }

    /// Rows by class whose key in `tree` is smaller than `key`.
    pub async fn below(&mut self, tree: Tree, key: &str) -> Result<Counts, Error> {
        let mut counts = Counts::new();
        let Some(mut at) = self.top(tree).await? else {
            return Ok(counts);
        };
        loop {
            let node = self.node(tree, at).await?;
            match node.as_ref() {
                Node::Leaf(items) => {
                    for item in items.iter().take_while(|item| item.key.as_str() < key) {
                        *counts.entry(item.class).or_default() += 1;
                    }
                    return Ok(counts);
                }
                Node::Inner(children) => {
                    let position = child_for(children, key);
                    for child in &children[..position] {
                        add(&mut counts, &child.counts);
                    }
                    let Some(child) = children.get(position) else {
                        return Ok(counts);
                    };
                    at = child.node;
                }
            }
        }
    }

    /// Visits rows in order, beginning behind `after` (exclusive; `None`: at the end that comes first), below which
    /// only what has a class that `wanted` accepts is opened. `visit` says whether to go on. At most `budget` nodes
    /// are read; `false` is answered when that was not enough.
    pub async fn scan(
        &mut self,
        tree: Tree,
        direction: Direction,
        after: Option<&str>,
        budget: usize,
        wanted: impl Fn(&Class) -> bool,
        mut visit: impl FnMut(&Visited<'_>) -> bool,
    ) -> Result<bool, Error> {
        let wanted: Vec<bool> = self
            .classes
            .iter()
            .map(|(_, class)| wanted(class))
            .collect();
        let has = |class: u32| wanted.get(class as usize).copied().unwrap_or(true);
        let Some(top) = self.top(tree).await? else {
            return Ok(true);
        };
        let start = self.reads;
        let mut stack = vec![Step::Open(top)];
        while let Some(step) = stack.pop() {
            let id = match step {
                Step::Row(node, at) => {
                    if let Node::Leaf(items) = node.as_ref()
                        && let Some(item) = items.get(at)
                        && !visit(&Visited {
                            key: &item.key,
                            row: &item.row,
                        })
                    {
                        return Ok(true);
                    }
                    continue;
                }
                Step::Open(id) => id,
            };
            if self.reads - start >= budget {
                return Ok(false);
            }
            let node = self.node(tree, id).await?;
            let mut steps: Vec<Step> = match node.as_ref() {
                Node::Leaf(items) => (0..items.len())
                    .filter(|&at| {
                        has(items[at].class) && is_behind(direction, after, &items[at].key)
                    })
                    .map(|at| Step::Row(Arc::clone(&node), at))
                    .collect(),
                Node::Inner(children) => children_behind(children, direction, after)
                    .iter()
                    .filter(|child| child.counts.iter().any(|(class, n)| *n > 0 && has(*class)))
                    .map(|child| Step::Open(child.node))
                    .collect(),
            };
            if direction == Direction::Up {
                steps.reverse();
            }
            stack.append(&mut steps);
        }
        Ok(true)
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

    async fn node(&mut self, tree: Tree, id: u64) -> Result<Arc<Node>, Error> {
        if let Some(node) = self.nodes.get(&(tree, id)) {
            return Ok(Arc::clone(node));
        }
        self.reads += 1;
        let node: Option<Node> = self.store.read(&Key::index_node(tree.folder(), id)).await?;
        // A writer may have removed the node since its parent was read: what it held is gone.
        let node = Arc::new(node.unwrap_or_else(Node::empty));
        self.nodes.insert((tree, id), Arc::clone(&node));
        Ok(node)
    }
}

/// What a scan visits.
pub struct Visited<'a> {
    pub key: &'a str,
    pub row: &'a Row,
}

fn is_behind(direction: Direction, after: Option<&str>, key: &str) -> bool {
    after.is_none_or(|after| match direction {
        Direction::Up => key > after,
        Direction::Down => key < after,
    })
}

fn children_behind<'n>(
    children: &'n [Child],
    direction: Direction,
    after: Option<&str>,
) -> &'n [Child] {
    let Some(after) = after else { return children };
    let position = child_for(children, after);
    match direction {
        Direction::Up => &children[position..],
        Direction::Down => &children[..children.len().min(position + 1)],
    }
}
