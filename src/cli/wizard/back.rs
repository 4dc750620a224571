//! How to go back to a question that was answered already.

use std::collections::BTreeSet;

use crate::cli::CliError;

/// The input that goes back. In a list and in a yes-or-no question Esc does this.
pub(super) const BACK: &str = "<";

/// The name of the question for the login's secret. Its answer is not stored with the others.
pub(super) const SECRET: &str = "secret";

/// The error that ends the questions, so that the previous one is asked again. It does not leave the wizard.
pub(super) fn went_back() -> CliError {
    CliError {
        kind: "back",
        ..CliError::failed("went back to the question before")
    }
}

pub(super) fn is_back(error: &CliError) -> bool {
    error.kind == went_back().kind
}

/// The questions of this run that were answered, in their order.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// The names and prompts of the questions.
    questions: Vec<(&'static str, &'static str)>,
    /// The names of all questions that were ever answered in this run.
    said: BTreeSet<&'static str>,
    is_replay: bool,
}

impl Passed {
    /// Records that the question was answered.
    pub(super) fn pass(&mut self, question: &'static str, prompt: &'static str) {
        self.questions.retain(|(name, _)| *name != question);
        self.questions.push((question, prompt));
        self.said.insert(question);
    }

    /// Records that the question is asked now. The first question that is new ends the replay.
    pub(super) fn is_asked(&mut self, question: &'static str) {
        self.is_replay &= self.said.contains(question);
    }

    /// Whether questions are repeated after a step back. They are on the screen already, so they are not explained
    /// again.
    pub(super) fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// Makes the last question be asked again. Returns the questions before it, whose answers are kept.
    pub(super) fn go_back(&mut self) -> impl Iterator<Item = &'static str> + use<> {
        self.is_replay = true;
        self.questions.pop();
        let stand = std::mem::take(&mut self.questions);
        stand.into_iter().map(|(name, _)| name)
    }

    /// Makes the next [`Passed::go_back`] go to the question with this index in [`Passed::lines`], and keep the answers
    /// of all others.
    pub(super) fn aim_at(&mut self, index: usize) {
        let aim = self.questions.remove(index);
        self.questions.push(aim);
    }

    /// A short line for each answered question, with its answer.
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
