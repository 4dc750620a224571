//! Distinguishes keys pressed by hand from keys of a paste, so that no paste confirms anything.

/// Milliseconds. Keys that arrive closer together than this were not pressed by hand.
const NEAREST: i64 = 25;
/// Milliseconds that a dialog must be open before a key confirms it: somebody who is still typing a host name has not
/// read it.
const READING: i64 = 500;

/// How a key arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Milliseconds since 1970.
    pub at: i64,
    /// No other key arrived in the same read.
    pub alone: bool,
}

impl From<i64> for Arrival {
    fn from(at: i64) -> Self {
        Self { at, alone: true }
    }
}

/// When keys arrived; times are in milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Hand {
    last: i64,
    fast: bool,
    /// A key of a fast sequence was ignored, so the rest of the sequence is ignored, too.
    ignoring: bool,
    opened: i64,
}

impl Hand {
    pub fn press(&mut self, arrival: Arrival) {
        let Arrival { at, alone } = arrival;
        let gap = at.saturating_sub(self.last);
        self.fast = !alone || gap < NEAREST || (self.ignoring && gap < READING);
        self.ignoring &= self.fast;
        self.last = self.last.max(at);
    }

    /// Treats the second half of a combined key event (Esc and a key) as not pressed by hand.
    pub fn mark_as_paste(&mut self) {
        self.fast = true;
    }

    /// Records that the last key was ignored. Keys that follow it without a pause are ignored, too.
    pub fn ignore(&mut self) {
        self.ignoring = true;
    }

    /// Records that a dialog has opened, through the last key or an answer that arrived at `now`.
    pub fn opened(&mut self, now: i64) {
        self.opened = self.last.max(now);
    }

    /// Whether the last key came too soon after the one before to be pressed by hand, or continues an ignored sequence.
    pub fn is_fast(&self) -> bool {
        self.fast
    }

    /// Whether the last key may confirm the open dialog.
    pub fn may_confirm(&self) -> bool {
        !self.fast && self.has_read()
    }

    /// Whether the dialog was open long enough before the last key to be read.
    pub fn has_read(&self) -> bool {
        self.last.saturating_sub(self.opened) >= READING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_no_hand_and_a_dialog_is_read_first() {
        let mut hand = Hand::default();
        hand.press(10_000.into());
        assert!(!hand.is_fast());
        hand.opened(0);
        hand.press(10_001.into());
        assert!(hand.is_fast() && !hand.may_confirm());
        hand.press(10_200.into());
        assert!(!hand.is_fast() && !hand.may_confirm());
        hand.press(10_600.into());
        assert!(hand.may_confirm());
        // The first key of a paste must not confirm, either.
        let together = Arrival {
            at: 11_600,
            alone: false,
        };
        hand.press(together);
        assert!(!hand.may_confirm());
        hand.press(11_601.into());
        assert!(!hand.may_confirm());
    }
    #[test]
    fn what_follows_an_ignored_key_without_a_pause_is_ignored() {
        let mut hand = Hand::default();
        hand.press(Arrival {
            at: 10_000,
            alone: false,
        });
        hand.ignore();
        for at in [10_090, 10_180, 10_600] {
            hand.press(at.into());
            assert!(hand.is_fast(), "{at}");
        }
        hand.press(11_100.into());
        assert!(!hand.is_fast());
        hand.press(11_190.into());
        assert!(!hand.is_fast());
    }
}
