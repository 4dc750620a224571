//! The way back to a question that was answered already.

use std::collections::BTreeSet;

use crate::cli::CliError;

/// Typed at a line, this goes back. A list and a yes-or-no question have Esc for it.
pub(super) const BACK: &str = "<";

/// The login's secret, among the names of questions. Its answer is never with the others.
pub(super) const SECRET: &str = "secret";

/// What stops the questions, so that the one before is asked. It never leaves the wizard.
pub(super) fn went_back() -> CliError {
    CliError {
        kind: "back",
        ..CliError::failed("went back to the question before")
    }
}

pub(super) fn is_back(error: &CliError) -> bool {
    error.kind == went_back().kind
}

/// The questions of this run that have their answers, in their order.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// Names and prompts.
    questions: Vec<(&'static str, &'static str)>,
    /// Names of all that were ever passed.
    said: BTreeSet<&'static str>,
    is_replay: bool,
}

impl Passed {
    /// The question has its answer.
    pub(super) fn pass(&mut self, question: &'static str, prompt: &'static str) {
        self.questions.retain(|(name, _)| *name != question);
        self.questions.push((question, prompt));
        self.said.insert(question);
    }

    /// A person is asked this now. The first question that is new ends the repetition.
    pub(super) fn is_asked(&mut self, question: &'static str) {
        self.is_replay &= self.said.contains(question);
    }

    /// After a step back: what comes stands on the screen already, and is not said again.
    pub(super) fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// The last question that was passed is asked again; the answers of those that come out of this stand.
    pub(super) fn go_back(&mut self) -> impl Iterator<Item = &'static str> + use<> {
        self.is_replay = true;
        self.questions.pop();
        let stand = std::mem::take(&mut self.questions);
        stand.into_iter().map(|(name, _)| name)
    }

    /// The next [`Passed::go_back`] goes to this one of [`Passed::lines`], and all others stand.
    pub(super) fn aim_at(&mut self, index: usize) {
        let aim = self.questions.remove(index);
        self.questions.push(aim);
    }

    /// Each question that was passed, in few words, with its answer.
    pub(super) fn lines<'a>(
        &self,
        answer: impl Fn(&str) -> Option<&'a str>,
    ) -> impl Iterator<Item = String> {
        self.questions.iter().map(move |(name, prompt)| {
            let words = prompt.split([',', '(', ':', '?']).next();
            let words = words.unwrap_or_default().trim_end();
            let answer: String = answer(name).unwrap_or_default().chars().take(40).collect();
            match *name {
                SECRET => words.to_owned(),
                _ => format!("{words}: {answer}"),
            }
        })
    }
}
