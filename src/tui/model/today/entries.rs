//! Chooses which lines of Today fit on the page.

use super::{Line, Section, Today};

/// One line on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry<'a> {
    Blank,
    /// Says that nothing needs anybody.
    Quiet,
    Heading(Section, usize),
    Line(&'a Line),
    /// This many lines of the section do not fit.
    More(Section, usize),
}

impl Entry<'_> {
    pub fn can_be_chosen(&self) -> bool {
        matches!(self, Self::Line(_) | Self::More(..))
    }
}

/// The page in at most `height` lines. Every section that has lines shows its first ones.
pub fn entries(today: &Today, height: usize) -> Vec<Entry<'_>> {
    let counts: Vec<(Section, usize)> = Section::ALL
        .into_iter()
        .map(|section| (section, today.of(section).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let changed_only = |line: &Line| line.section == Section::Changed;
    let quiet = today.lines.iter().all(changed_only);
    let height = height.saturating_sub(2 * usize::from(quiet));
    let spaced = all + 2 * counts.len() <= height;
    let gaps = if spaced {
        counts.len().saturating_sub(1)
    } else {
        0
    };
    let room = height.saturating_sub(counts.len() + gaps);
    let mut given: Vec<usize> = vec![0; counts.len()];
    let mut left = room;
    // Give each section one line in turn, until the room or the lines are used up.
    while left > 0 {
        let mut changed = false;
        for (given, (_, count)) in given.iter_mut().zip(&counts) {
            if *given < *count && left > 0 {
                *given += 1;
                left -= 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut entries = Vec::new();
    if quiet {
        entries.push(Entry::Quiet);
    }
    for ((section, count), given) in counts.into_iter().zip(given) {
        if spaced && !entries.is_empty() {
            entries.push(Entry::Blank);
        }
        entries.push(Entry::Heading(section, count));
        let shown = if given < count {
            given.saturating_sub(1)
        } else {
            given
        };
        entries.extend(today.of(section).take(shown).map(Entry::Line));
        if given < count && given > 0 {
            entries.push(Entry::More(section, count - shown));
        }
    }
    entries.truncate(height + 2 * usize::from(quiet));
    entries
}

/// The selected entry.
pub fn chosen(today: &Today, height: usize) -> Option<Entry<'_>> {
    let entries = entries(today, height);
    let mut choices = entries.into_iter().filter(Entry::can_be_chosen);
    choices.nth(today.index)
}

pub fn choices(today: &Today, height: usize) -> usize {
    let entries = entries(today, height);
    entries.iter().filter(|entry| entry.can_be_chosen()).count()
}
