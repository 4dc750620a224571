//! Tells the keys that a hand presses from those that a paste brings, so that no paste confirms anything.

/// Milliseconds. Keys that arrive nearer to each other than this come from no hand.
const NEAREST: i64 = 25;
/// Milliseconds. A dialog must be open this long before a key confirms it: whoever types a host name has not read it.
const READING: i64 = 500;

/// How a key arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Milliseconds since 1970.
    pub at: i64,
    /// No other key came with it.
    pub alone: bool,
}

impl From<i64> for Arrival {
    fn from(at: i64) -> Self {
        Self { at, alone: true }
    }
}

/// When keys arrived, in milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Hand {
    last: i64,
    fast: bool,
    /// A key of a burst was ignored: the rest of it means nothing either.
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

    /// The key that follows stands for two.
    pub fn is_no_hand(&mut self) {
        self.fast = true;
    }

    /// The last key did nothing, because nobody meant it: what follows without a pause is no command either.
    pub fn ignore(&mut self) {
        self.ignoring = true;
    }

    /// A dialog has opened, with the last key or because of an answer that came `now`.
    pub fn opened(&mut self, now: i64) {
        self.opened = self.last.max(now);
    }

    /// The last key came too soon after the one before to be pressed by hand, or ends what began so.
    pub fn is_fast(&self) -> bool {
        self.fast
    }

    /// The last key may confirm the open dialog.
    pub fn may_confirm(&self) -> bool {
        !self.fast && self.has_read()
    }

    /// The open dialog was there long enough before the last key.
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
        // The first key of a paste is as little a yes as the others.
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
