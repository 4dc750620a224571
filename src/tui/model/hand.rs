//! Tells the keys that a hand presses from those that a paste brings, so that no paste confirms anything.

/// Milliseconds. Keys that arrive nearer to each other than this come from no hand.
const NEAREST: i64 = 25;
/// Milliseconds. A dialog must be open this long before a key confirms it: whoever types a host name has not read it.
const READING: i64 = 500;

/// When keys arrived, in milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Hand {
    last: i64,
    fast: bool,
    opened: i64,
}

impl Hand {
    /// A key that arrived then.
    pub fn press(&mut self, at: i64) {
        self.fast = at.saturating_sub(self.last) < NEAREST;
        self.last = self.last.max(at);
    }

    /// A dialog has opened, with the last key or because of an answer that came `now`.
    pub fn opened(&mut self, now: i64) {
        self.opened = self.last.max(now);
    }

    /// The last key came too soon after the one before to be pressed by hand.
    pub fn is_fast(&self) -> bool {
        self.fast
    }

    /// The last key may confirm the open dialog.
    pub fn may_confirm(&self) -> bool {
        !self.fast && self.last.saturating_sub(self.opened) >= READING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_no_hand_and_a_dialog_is_read_first() {
        let mut hand = Hand::default();
        hand.press(10_000);
        assert!(!hand.is_fast());
        hand.opened(0);
        hand.press(10_001);
        assert!(hand.is_fast() && !hand.may_confirm());
        hand.press(10_200);
        assert!(!hand.is_fast() && !hand.may_confirm());
        hand.press(10_600);
        assert!(hand.may_confirm());
        hand.press(10_601);
        assert!(!hand.may_confirm());
    }
}
