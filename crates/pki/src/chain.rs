//! Puts certificates into their order: by who signed whom, never by where they stood.

use std::collections::VecDeque;

use super::{Certificate, X509Error};

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
    /// Of several ways up, as cross-signed CAs have them, the shortest to a root is taken; without a root, the one
    /// that reaches furthest. A chain with a gap is not an error: see [`Chain::missing_issuer`].
    pub fn assemble(certificates: Vec<Certificate>, leaf_spki: &[u8]) -> Result<Self, X509Error> {
        let leaf = certificates
            .iter()
            .filter(|certificate| certificate.spki_der() == leaf_spki)
            .max_by_key(|certificate| (certificate.not_before(), certificate.not_after()))
            .cloned();
        match leaf {
            Some(leaf) => Ok(Self::above(leaf, certificates)),
            None => Err(X509Error::Chain(format!(
                "no certificate for our key among those delivered: {}",
                names(&certificates)
            ))),
        }
    }

    /// The same without a key to go by: the leaf is the one certificate that issued no other.
    pub fn assemble_any_leaf(certificates: Vec<Certificate>) -> Result<Self, X509Error> {
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
            [leaf] => Ok(Self::above((*leaf).clone(), certificates)),
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

    /// The same chain with its root, if it has one, as the last of the issuers: for those who ask for it.
    pub fn with_root(mut self) -> Self {
        self.issuers.extend(self.root.take());
        self
    }

    fn above(leaf: Certificate, certificates: Vec<Certificate>) -> Self {
        let pool: Vec<Certificate> = distinct(certificates)
            .into_iter()
            .filter(|certificate| *certificate != leaf)
            .collect();
        let mut path: Vec<Certificate> = way_up(&leaf, &pool)
            .into_iter()
            .map(|at| pool[at].clone())
            .collect();
        let root = path.pop_if(|last| last.is_self_signed());
        Self {
            leaf,
            issuers: path,
            root,
        }
    }
}

/// Breadth first, each certificate once, so that no tangle of cross-signatures makes it slow. What expires last is
/// tried first.
fn way_up(leaf: &Certificate, pool: &[Certificate]) -> Vec<usize> {
    let mut by_expiry: Vec<usize> = (0..pool.len()).collect();
    by_expiry.sort_by_key(|at| std::cmp::Reverse(pool[*at].not_after()));
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
