//! Finds the route of a request, checks its fields, and runs its handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use zeroize::Zeroize;

use super::check;
use super::help;
use super::route::{Action, Call, Route};
use super::{Router, Values};
use crate::logical::{Context, Error, Operation, Request, Response};

/// The route and action for a request.
struct Target<'a, E> {
    route: &'a Route<E>,
    action: &'a Action<E>,
    params: BTreeMap<&'static str, String>,
}

impl<E: Send + Sync + 'static> Router<E> {
    /// Answers one request, `help` included.
    ///
    /// # Errors
    /// `UnsupportedPath`, `UnsupportedOperation`, `BadRequest` for invalid fields, and the errors of the handler.
    pub async fn handle(
        &self,
        engine: Arc<E>,
        context: Context,
        mut request: Request,
    ) -> Result<Option<Response>, Error> {
        if request.operation == Operation::Help {
            return Ok(Some(help::answer(self, &request)));
        }
        let target = self.target(request.operation, &request.path)?;
        let mut ignored_fields = self.ignored_fields().to_vec();
        ignored_fields.extend(target.route.ignored_fields_of(request.operation));

        let mut data = Json::Object(std::mem::take(&mut request.data));
        let parsed = match &data {
            Json::Object(data) => check::check(
                data,
                &target.action.fields(),
                &ignored_fields,
                target.route.empty_text_of(request.operation),
            ),
            _ => Ok(Default::default()),
        };
        wipe(&mut data);
        let (fields, warnings) = parsed?;

        let reads = matches!(request.operation, Operation::Read | Operation::List);
        let call = Call {
            context,
            request,
            fields,
            params: target.params,
        };
        let mut answer = (target.action.handler)(engine, call).await?;
        // A read without an answer is a 404. A warning must not turn it into a success.
        if answer.is_none() && !warnings.is_empty() && !reads {
            answer = Some(Response::default());
        }
        if let Some(response) = &mut answer {
            response.warnings.extend(warnings);
        }
        Ok(answer)
    }

    /// Whether the object of a write exists; `None` if the route makes no such difference.
    ///
    /// # Errors
    /// Only errors of the storage and internal ones. All others are left to the handler, because the server turns an
    /// error of this check into a 500.
    pub async fn exists(
        &self,
        engine: Arc<E>,
        context: Context,
        request: &Request,
    ) -> Result<Option<bool>, Error> {
        let Ok(target) = self.target(Operation::Update, &request.path) else {
            return Ok(None);
        };
        let Some(existence) = &target.route.existence else {
            return Ok(None);
        };
        let mut request = request.clone();
        wipe(&mut Json::Object(std::mem::take(&mut request.data)));
        let call = Call {
            context,
            request,
            fields: Values::default(),
            params: target.params,
        };
        match existence(engine, call).await {
            Ok(there) => Ok(Some(there)),
            Err(error @ (Error::Storage(_) | Error::Internal(_))) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn target(&self, operation: Operation, path: &str) -> Result<Target<'_, E>, Error> {
        let (bare, is_list) = match path.strip_suffix('/') {
            Some(bare) => (bare, true),
            None => (path, false),
        };
        let mut known = false;
        for route in self.routes() {
            let Some(params) = route.matched(bare) else {
                continue;
            };
            known = true;
            if let Some(action) = route.action(operation)
                && route.is_list() == is_list
            {
                return Ok(Target {
                    route,
                    action,
                    params,
                });
            }
        }
        Err(if known {
            Error::UnsupportedOperation
        } else {
            Error::UnsupportedPath
        })
    }
}

/// Overwrites request data, which may contain passwords and keys.
fn wipe(json: &mut Json) {
    match json {
        Json::String(text) => text.zeroize(),
        Json::Array(items) => items.iter_mut().for_each(wipe),
        Json::Object(members) => members.values_mut().for_each(wipe),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
