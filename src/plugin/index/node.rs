//! The stored nodes of a tree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::IndexRow;

/// How many rows of each status bucket are below.
pub type Counts = BTreeMap<u32, u64>;

/// The most rows or children of a node. The tests use a small number to get deep trees with few rows.
const MOST: usize = if cfg!(test) { 8 } else { 64 };

/// The most bytes of a stored node, unless a single row is larger. A batch may hold four leaves and the nodes above
/// them. If the server has no transactions, the batch is stored as a single entry, in which it takes a third more
/// space; raft accepts entries of one mebibyte.
pub const MOST_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Node {
    #[serde(rename = "l")]
    Leaf(Vec<Item>),
    #[serde(rename = "i")]
    Inner(Vec<Child>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "c")]
    pub bucket: u32,
    #[serde(rename = "r")]
    pub row: IndexRow,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// The smallest key below. The first child of a node also takes all smaller keys.
    #[serde(rename = "f")]
    pub first: String,
    #[serde(rename = "n")]
    pub node: u64,
    #[serde(rename = "c")]
    pub counts: Counts,
    /// The largest key below. It shows that a node was split, even if the counts are the same as before. Version 0.1.0
    /// did not store it.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// The entry point of a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    pub top: u64,
    /// The number of the next new node.
    pub next: u64,
}

impl Node {
    pub fn empty() -> Self {
        Self::Leaf(Vec::new())
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Leaf(items) => items.len(),
            Self::Inner(children) => children.len(),
        }
    }

    fn first(&self) -> &str {
        match self {
            Self::Leaf(items) => items.first().map_or("", |item| item.key.as_str()),
            Self::Inner(children) => children.first().map_or("", |child| child.first.as_str()),
        }
    }

    /// The largest key below; `None` if it is not known.
    fn last(&self) -> Option<&str> {
        match self {
            Self::Leaf(items) => items.last().map(|item| item.key.as_str()),
            Self::Inner(children) => children.last()?.last.as_deref(),
        }
    }

    /// What the parent of this node stores about it.
    pub fn as_child(&self, node: u64) -> Child {
        Child {
            first: self.first().to_owned(),
            node,
            counts: self.counts(),
            last: self.last().map(str::to_owned),
        }
    }

    /// Whether the node matches `child`, which its parent has stored. If so, no row has left the node since.
    pub fn is_still(&self, child: &Child) -> bool {
        self.counts() == child.counts
            && (child.last.is_none() || self.last() == child.last.as_deref())
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        match self {
            Self::Leaf(items) => {
                for item in items {
                    *counts.entry(item.bucket).or_default() += 1;
                }
            }
            Self::Inner(children) => {
                for child in children {
                    add(&mut counts, &child.counts);
                }
            }
        }
        counts
    }

    /// If the node is too large, takes rows or children out of it and answers them as new nodes, in order.
    pub fn split(&mut self) -> Vec<Self> {
        if !self.is_too_large() {
            return Vec::new();
        }
        let mut upper = match self {
            Self::Leaf(items) => Self::Leaf(items.split_off(items.len() / 2)),
            Self::Inner(children) => Self::Inner(children.split_off(children.len() / 2)),
        };
        let mut others = self.split();
        let beyond = upper.split();
        others.push(upper);
        others.extend(beyond);
        others
    }

    fn is_too_large(&self) -> bool {
        let may_be_halved = match self {
            Self::Leaf(items) => items.len() >= 2,
            // Halves with only one child each would make the tree deeper for nothing.
            Self::Inner(children) => children.len() >= 4,
        };
        self.len() > MOST || may_be_halved && self.bytes() > MOST_BYTES
    }

    fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |bytes| bytes.len())
    }
}

/// The position of the child to which `key` belongs.
pub fn child_for(children: &[Child], key: &str) -> usize {
    children
        .partition_point(|child| child.first.as_str() <= key)
        .saturating_sub(1)
}

pub fn add(to: &mut Counts, counts: &Counts) {
    for (bucket, n) in counts {
        *to.entry(*bucket).or_default() += n;
    }
}
