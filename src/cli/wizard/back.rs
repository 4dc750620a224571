//! The way back to a question that was answered already.

use std::collections::BTreeSet;

use super::answers::Answers;
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

impl Answers {
    /// The question has its answer.
    pub(super) fn pass(&mut self, question: &'static str, prompt: &'static str) {
        let passed = &mut self.passed;
        passed.questions.retain(|(name, _)| *name != question);
        passed.questions.push((question, prompt));
        passed.said.insert(question);
    }

    /// A person is asked this now. The first question that is new ends the repetition.
    pub(super) fn is_asked(&mut self, question: &'static str) {
        self.passed.is_replay &= self.passed.said.contains(question);
    }

    /// After a step back: what comes stands on the screen already, and is not said again.
    pub(super) fn is_replay(&self) -> bool {
        self.passed.is_replay
    }

    /// From the first question on, all answers stand up to the last question that was passed: that one is asked again.
    pub(super) fn go_back(&mut self) {
        self.passed.questions.pop();
        for (name, _) in std::mem::take(&mut self.passed.questions) {
            self.stand(name);
        }
        self.passed.is_replay = true;
    }

    /// The next [`Answers::go_back`] goes to this one of [`Answers::passed_lines`], and all others stand.
    pub(super) fn aim_at(&mut self, index: usize) {
        let aim = self.passed.questions.remove(index);
        self.passed.questions.push(aim);
    }

    /// Each question that was passed, in few words, with its answer.
    pub(super) fn passed_lines(&self) -> impl Iterator<Item = String> {
        self.passed.questions.iter().map(|(name, prompt)| {
            let words = prompt.split([',', '(', ':', '?']).next();
            let words = words.unwrap_or_default().trim_end();
            let answer: String = self
                .get(name)
                .unwrap_or_default()
                .chars()
                .take(40)
                .collect();
            match *name {
                SECRET => words.to_owned(),
                _ => format!("{words}: {answer}"),
            }
        })
    }
}
