//! Changes the index: inserts and removes rows in both trees, and puts all changed nodes into one batch.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::super::store::{Changes, Key, Store};
use super::node::{Child, Item, Node, Root, child_for};
use super::{BucketTable, IndexRow, Tree};
use vault_plugin::logical::Error;

/// A set of changes to the index. Nothing is written until [`Editor::finish`] puts it into a batch.
pub struct Editor<'a> {
    store: &'a Store,
    buckets: BucketTable,
    classes_changed: bool,
    trees: HashMap<Tree, Work>,
}

/// The nodes of one tree that were read or changed.
struct Work {
    root: Root,
    root_changed: bool,
    nodes: HashMap<u64, Node>,
    changed: HashSet<u64>,
    gone: HashSet<u64>,
}

impl<'a> Editor<'a> {
    pub async fn open(store: &'a Store) -> Result<Self, Error> {
        let buckets = BucketTable::load(store).await?;
        Ok(Self {
            store,
            buckets,
            classes_changed: false,
            trees: HashMap::new(),
        })
    }

    /// Replaces the row `old` by `new`. Without `old` this inserts, without `new` it removes.
    pub async fn replace(
        &mut self,
        old: Option<&IndexRow>,
        new: Option<&IndexRow>,
    ) -> Result<(), Error> {
        let bucket = new.map(|row| {
            let (number, is_new) = self.buckets.number(&row.bucket());
            self.classes_changed |= is_new;
            number
        });
        for tree in Tree::ALL {
            let old_key = old.map(|row| tree.key(row));
            let new_key = new.map(|row| tree.key(row));
            if let Some(key) = old_key
                && new_key.as_ref() != Some(&key)
            {
                self.remove(tree, &key).await?;
            }
            if let (Some(key), Some(bucket), Some(row)) = (new_key, bucket, new) {
                self.insert(
                    tree,
                    Item {
                        key,
                        bucket,
                        row: row.clone(),
                    },
                )
                .await?;
            }
        }
        Ok(())
    }

    /// Puts every changed node into `changes`.
    pub fn finish(self, changes: &mut Changes) -> Result<(), Error> {
        if self.classes_changed {
            changes.write(&Key::index_buckets(), &self.buckets)?;
        }
        for (tree, work) in self.trees {
            for node in &work.gone {
                changes.remove(&Key::index_node(tree.folder(), *node));
            }
            for id in work.changed.difference(&work.gone) {
                if let Some(node) = work.nodes.get(id) {
                    changes.write(&Key::index_node(tree.folder(), *id), node)?;
                }
            }
            if work.root_changed {
                changes.write(&Key::index_root(tree.folder()), &work.root)?;
            }
        }
        Ok(())
    }

    async fn insert(&mut self, tree: Tree, item: Item) -> Result<(), Error> {
        let path = self.path(tree, &item.key).await?;
        let work = self.work(tree).await?;
        let Some(&(leaf, _)) = path.last() else {
            return Err(damaged(tree, "no leaf"));
        };
        let Some(Node::Leaf(items)) = work.nodes.get_mut(&leaf) else {
            return Err(damaged(tree, "no leaf"));
        };
        match items.binary_search_by(|probe| probe.key.as_str().cmp(&item.key)) {
            Ok(at) => items[at] = item,
            Err(at) => items.insert(at, item),
        }
        work.rebalance(tree, &path)
    }

    async fn remove(&mut self, tree: Tree, key: &str) -> Result<(), Error> {
        let path = self.path(tree, key).await?;
        let work = self.work(tree).await?;
        let Some(&(leaf, _)) = path.last() else {
            return Err(damaged(tree, "no leaf"));
        };
        let Some(Node::Leaf(items)) = work.nodes.get_mut(&leaf) else {
            return Err(damaged(tree, "no leaf"));
        };
        if let Ok(at) = items.binary_search_by(|probe| probe.key.as_str().cmp(key)) {
            items.remove(at);
            work.rebalance(tree, &path)?;
        }
        Ok(())
    }

    /// The path from the root to the leaf of `key`: the number of each node, and its position in its parent.
    async fn path(&mut self, tree: Tree, key: &str) -> Result<Vec<(u64, usize)>, Error> {
        let store = self.store;
        let work = self.work(tree).await?;
        let mut path = vec![(work.root.top, 0)];
        let mut at = work.root.top;
        loop {
            let node = match work.nodes.entry(at) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let node = store.read(&Key::index_node(tree.folder(), at)).await?;
                    place.insert(node.ok_or_else(|| damaged(tree, "a node is missing"))?)
                }
            };
            match node {
                Node::Inner(children) => {
                    let position = child_for(children, key);
                    let child = children
                        .get(position)
                        .ok_or_else(|| damaged(tree, "an empty inner node"))?;
                    at = child.node;
                    path.push((at, position));
                }
                Node::Leaf(_) => return Ok(path),
            }
        }
    }

    async fn work(&mut self, tree: Tree) -> Result<&mut Work, Error> {
        if !self.trees.contains_key(&tree) {
            let root: Option<Root> = self.store.read(&Key::index_root(tree.folder())).await?;
            let mut work = Work {
                root_changed: root.is_none(),
                root: root.unwrap_or(Root { top: 0, next: 1 }),
                nodes: HashMap::new(),
                changed: HashSet::new(),
                gone: HashSet::new(),
            };
            if work.root_changed {
                work.nodes.insert(0, Node::empty());
                work.changed.insert(0);
            }
            self.trees.insert(tree, work);
        }
        self.trees
            .get_mut(&tree)
            .ok_or_else(|| damaged(tree, "no work"))
    }
}

impl Work {
    /// Updates counts, first keys and node sizes along `path`, from the changed leaf upwards.
    fn rebalance(&mut self, tree: Tree, path: &[(u64, usize)]) -> Result<(), Error> {
        for level in (0..path.len()).rev() {
            let (id, position) = path[level];
            let node = self
                .nodes
                .get_mut(&id)
                .ok_or_else(|| damaged(tree, "a node is missing"))?;
            self.changed.insert(id);
            let others = node.split();
            let empty = node.len() == 0;
            let summary = node.as_child(id);
            let siblings: Vec<Child> = others.into_iter().map(|node| self.add(node)).collect();
            let Some(parent) = level.checked_sub(1).map(|above| path[above].0) else {
                self.settle_top(summary, siblings);
                break;
            };
            let Some(Node::Inner(children)) = self.nodes.get_mut(&parent) else {
                return Err(damaged(tree, "a parent is no inner node"));
            };
            if empty {
                children.remove(position);
                self.gone.insert(id);
            } else {
                children.splice(
                    position..=position,
                    std::iter::once(summary).chain(siblings),
                );
            }
        }
        Ok(())
    }

    /// Adds a new node under a new number.
    fn add(&mut self, node: Node) -> Child {
        let id = self.root.next;
        self.root.next += 1;
        self.root_changed = true;
        let child = node.as_child(id);
        self.nodes.insert(id, node);
        self.changed.insert(id);
        child
    }

    fn settle_top(&mut self, mut top: Child, siblings: Vec<Child>) {
        if !siblings.is_empty() {
            // The node gets a new number: a reader with the old root then does not find the node, instead of missing
            // half of its rows.
            if let Some(lower) = self.nodes.remove(&top.node) {
                self.gone.insert(top.node);
                top = self.add(lower);
            }
            let children = std::iter::once(top).chain(siblings).collect();
            self.root.top = self.add(Node::Inner(children)).node;
        } else if matches!(self.nodes.get(&top.node), Some(Node::Inner(children)) if children.is_empty())
        {
            self.nodes.insert(top.node, Node::empty());
        }
    }
}

fn damaged(tree: Tree, what: &str) -> Error {
    Error::internal(format!("the {} index is damaged: {what}", tree.folder()))
}
