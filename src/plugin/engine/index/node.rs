//! Nodes of a tree as they stand in storage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Row;

/// How many rows of each class lie below.
pub type Counts = BTreeMap<u32, u64>;

/// A node that has grown past this is split in halves. Tests grow deep trees of few rows.
pub const LARGEST: usize = if cfg!(test) { 8 } else { 64 };

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
    pub class: u32,
    #[serde(rename = "r")]
    pub row: Row,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// Smallest key below; the first child of a node also takes what is smaller.
    #[serde(rename = "f")]
    pub first: String,
    #[serde(rename = "n")]
    pub node: u64,
    #[serde(rename = "c")]
    pub counts: Counts,
}

/// Where a tree begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    pub top: u64,
    /// The number that the next new node gets.
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

    pub fn first(&self) -> &str {
        match self {
            Self::Leaf(items) => items.first().map_or("", |item| item.key.as_str()),
            Self::Inner(children) => children.first().map_or("", |child| child.first.as_str()),
        }
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        match self {
            Self::Leaf(items) => {
                for item in items {
                    *counts.entry(item.class).or_default() += 1;
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

    /// The upper half, taken out.
    pub fn split(&mut self) -> Self {
        match self {
            Self::Leaf(items) => Self::Leaf(items.split_off(items.len() / 2)),
            Self::Inner(children) => Self::Inner(children.split_off(children.len() / 2)),
        }
    }
}

/// The child below which `key` belongs.
pub fn child_for(children: &[Child], key: &str) -> usize {
    children
        .partition_point(|child| child.first.as_str() <= key)
        .saturating_sub(1)
}

pub fn add(to: &mut Counts, counts: &Counts) {
    for (class, n) in counts {
        *to.entry(*class).or_default() += n;
    }
}
