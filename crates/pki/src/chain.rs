//! Puts certificates into a chain by their signatures, never by the position in which they came.

use std::collections::{HashMap, VecDeque};

use super::{Certificate, X509Error};

/// Which way up is taken where CAs are cross-signed and there are several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PathPreference {
    /// The longest one: clients that do not know the newest root find an older one at its end, and the others stop
    /// where they know somebody.
    #[default]
    Compatible,
    /// The shortest one to a root.
    Short,
}

/// A certificate with the certificates above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub leaf: Certificate,
    /// The leaf's issuer first; without the root.
    pub issuers: Vec<Certificate>,
    /// The self-signed end of the chain, when the bundle held it.
    pub root: Option<Certificate>,
}

impl Chain {
    /// The chain of the certificate for this public key (a DER `SubjectPublicKeyInfo`). Of several for one key it is
    /// the newest. Duplicates and certificates that issued nothing here are dropped.
    ///
    /// Of several ways up, as cross-signed CAs have them, one is taken. A chain with a gap is not an error: see
    /// [`Chain::missing_issuer`].
    pub fn assemble(
        certificates: Vec<Certificate>,
        leaf_spki: &[u8],
        preference: PathPreference,
    ) -> Result<Self, X509Error> {
        let leaf = certificates
            .iter()
            .filter(|certificate| certificate.spki_der() == leaf_spki)
            .max_by_key(|certificate| (certificate.not_before(), certificate.not_after()))
            .cloned();
        match leaf {
            Some(leaf) => Ok(Self::above(leaf, certificates, preference)),
            None => Err(X509Error::Chain(format!(
                "no certificate for our key among those delivered: {}",
                names(&certificates)
            ))),
        }
    }

    /// The same without a key to go by: the leaf is the one certificate that issued no other.
    pub fn assemble_any_leaf(
        certificates: Vec<Certificate>,
        preference: PathPreference,
    ) -> Result<Self, X509Error> {
        let certificates = distinct(certificates);
        let mut ends: Vec<&Certificate> = certificates
            .iter()
            .filter(|candidate| {
                !certificates
                    .iter()
                    .any(|other| other != *candidate && other.is_issued_by(candidate))
            })
            .collect();
        // A stray CA certificate issued nothing either.
        if ends.iter().any(|certificate| !certificate.is_ca()) {
            ends.retain(|certificate| !certificate.is_ca());
        }
        match ends.as_slice() {
            [leaf] => Ok(Self::above((*leaf).clone(), certificates, preference)),
            [] => Err(X509Error::Chain("there is no certificate in it".into())),
            _ => Err(X509Error::Chain(format!(
                "it is not clear which certificate it is for: {}",
                names(ends)
            ))),
        }
    }

    /// The issuer that the last certificate names and the bundle did not hold: usually the root's name. `None` when
    /// the chain is complete.
    pub fn missing_issuer(&self) -> Option<&str> {
        let last = self.issuers.last().unwrap_or(&self.leaf);
        if self.root.is_some() || last.is_self_signed() {
            return None;
        }
        Some(last.issuer_name())
    }

    /// The same chain with its root, if it has one, as the last of the issuers, for `include_root`.
    pub fn with_root(mut self) -> Self {
        self.issuers.extend(self.root.take());
        self
    }

    fn above(
        leaf: Certificate,
        certificates: Vec<Certificate>,
        preference: PathPreference,
    ) -> Self {
        let pool: Vec<Certificate> = distinct(certificates)
            .into_iter()
            .filter(|certificate| *certificate != leaf)
            .collect();
        let path = match preference {
            PathPreference::Compatible => Search::longest(&leaf, &pool),
            PathPreference::Short => shortest(&leaf, &pool),
        };
        let mut path: Vec<Certificate> = path.into_iter().map(|at| pool[at].clone()).collect();
        let root = path.pop_if(|last| last.is_self_signed());
        Self {
            leaf,
            issuers: path,
            root,
        }
    }
}

/// What expires last comes first.
fn by_expiry(pool: &[Certificate]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pool.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(pool[*at].not_after()));
    order
}

/// To a root, or as far up as it goes. Breadth first, each certificate once, so that no tangle of cross-signatures makes
/// it slow.
fn shortest(leaf: &Certificate, pool: &[Certificate]) -> Vec<usize> {
    let by_expiry = by_expiry(pool);
    let mut seen = vec![false; pool.len()];
    let mut queue = VecDeque::from([Vec::new()]);
    let mut furthest = Vec::new();
    while let Some(path) = queue.pop_front() {
        let top = path.last().map_or(leaf, |at: &usize| &pool[*at]);
        if top.is_self_signed() {
            return path;
        }
        for at in &by_expiry {
            if !seen[*at] && top.is_issued_by(&pool[*at]) {
                seen[*at] = true;
                let mut longer = path.clone();
                longer.push(*at);
                queue.push_back(longer);
            }
        }
        if path.len() > furthest.len() {
            furthest = path;
        }
    }
    furthest
}

/// Steps of the search for the longest path: real chains take a dozen.
const MOST_STEPS: usize = 2_000;

/// How good a path is, the most important first.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// Nothing in it ends before the leaf: a cross-signature that does would take down old clients with it.
    outlives: bool,
    /// Without the root, which clients have.
    issuers: usize,
    complete: bool,
}

/// Looks at the paths that lead from the leaf to a root or as far as they go, depth first.
struct Search<'a> {
    leaf: &'a Certificate,
    pool: &'a [Certificate],
    order: Vec<usize>,
    /// Whether the first (the leaf, or one of the pool) was issued by the second: each signature is checked once.
    issued: HashMap<(Option<usize>, usize), bool>,
    steps: usize,
    best: Option<(Rank, Vec<usize>)>,
}

impl<'a> Search<'a> {
    fn longest(leaf: &'a Certificate, pool: &'a [Certificate]) -> Vec<usize> {
        let mut search = Self {
            leaf,
            pool,
            order: by_expiry(pool),
            issued: HashMap::new(),
            steps: 0,
            best: None,
        };
        search.climb(&mut Vec::new());
        search.best.map(|(_, path)| path).unwrap_or_default()
    }

    fn climb(&mut self, path: &mut Vec<usize>) {
        self.steps += 1;
        let top = path.last().map_or(self.leaf, |at| &self.pool[*at]);
        let mut ends = true;
        if !top.is_self_signed() {
            for at in self.order.clone() {
                if self.steps < MOST_STEPS && self.goes_on(path, at) {
                    ends = false;
                    path.push(at);
                    self.climb(path);
                    path.pop();
                }
            }
        }
        if ends {
            let complete = top.is_self_signed();
            let rank = Rank {
                outlives: path
                    .iter()
                    .all(|at| self.pool[*at].not_after() >= self.leaf.not_after()),
                issuers: path.len() - usize::from(complete && !path.is_empty()),
                complete,
            };
            if self.best.as_ref().is_none_or(|(best, _)| rank > *best) {
                self.best = Some((rank, path.clone()));
            }
        }
    }

    /// No CA stands twice in a path, under whichever of its certificates.
    fn goes_on(&mut self, path: &[usize], at: usize) -> bool {
        let (leaf, pool) = (self.leaf, self.pool);
        let next = &pool[at];
        let is_same = |known: &usize| {
            pool[*known].spki_der() == next.spki_der()
                && pool[*known].subject_name() == next.subject_name()
        };
        let last = path.last().copied();
        let top = last.map_or(leaf, |at| &pool[at]);
        !path.iter().any(is_same)
            && *self
                .issued
                .entry((last, at))
                .or_insert_with(|| top.is_issued_by(next))
    }
}

fn distinct(certificates: Vec<Certificate>) -> Vec<Certificate> {
    let mut kept: Vec<Certificate> = Vec::with_capacity(certificates.len());
    for certificate in certificates {
        if !kept.contains(&certificate) {
            kept.push(certificate);
        }
    }
    kept
}

fn names<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    let names: Vec<&str> = certificates
        .into_iter()
        .map(Certificate::subject_name)
        .take(5)
        .collect();
    if names.is_empty() {
        return "(none)".into();
    }
    names.join("; ")
}
