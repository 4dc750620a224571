//! Routes: a path pattern, its fields, and what each operation does.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::Values;
use crate::plugin::logical::{Context, Request};

/// One request on its way to its handler: path parameters and checked fields.
pub struct Call {
    pub context: Context,
    pub request: Request,
    pub fields: Values,
    pub params: BTreeMap<&'static str, String>,
}

pub struct Route<E> {
    pub pattern: &'static str,
    engine: PhantomData<E>,
}

pub struct Router<E> {
    pub routes: Vec<Route<E>>,
}
