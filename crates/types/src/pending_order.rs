//! What `issue` and `sign` answer while their order is open: the engine writes it, `svpki` reads it.
//!
//! It is a sentence because other programs show it to people as it is.

use std::fmt;
use std::str::FromStr;

use super::{ConfigName, OrderId};

/// An open order, and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOrder {
    pub order: OrderId,
    pub config: ConfigName,
    pub waits: String,
}

const STATE: &str = " is pending: ";
const ADVICE: &str = ". It goes on in the background; ask again for the same, which orders nothing more. See orders/";

impl fmt::Display for PendingOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            order,
            config,
            waits,
        } = self;
        write!(f, "order {order}{STATE}{waits}{ADVICE}{config}/{order}")
    }
}

/// The text is no such answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPending;

impl FromStr for PendingOrder {
    type Err = NotPending;

    fn from_str(text: &str) -> Result<Self, NotPending> {
        let (order, rest) = text
            .strip_prefix("order ")
            .and_then(|rest| rest.split_once(STATE))
            .ok_or(NotPending)?;
        let (waits, path) = rest.split_once(ADVICE).ok_or(NotPending)?;
        let (config, _) = path.split_once('/').ok_or(NotPending)?;
        Ok(Self {
            order: order.parse().map_err(|_| NotPending)?,
            config: config.parse().map_err(|_| NotPending)?,
            waits: waits.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_writes_is_read_again() {
        let pending = PendingOrder {
            order: "0123456789abcdef01234567".parse().unwrap(),
            config: "web".parse().unwrap(),
            waits: "it waits for approval".to_owned(),
        };
        assert_eq!(pending.to_string().parse(), Ok(pending));
        for other in ["", "SCM unreachable", "order 7 ended as failed: no"] {
            assert_eq!(other.parse::<PendingOrder>(), Err(NotPending), "{other}");
        }
    }
}
