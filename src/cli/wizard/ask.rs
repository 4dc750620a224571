//! The kinds of questions. A question that was answered by a flag, a file or an earlier run is not asked.

use super::super::{CliError, Ui};
use super::answers::{Answers, STORED};
use super::back::{BACK, went_back};

/// A question for a line of text.
pub(super) struct Text {
    pub(super) name: &'static str,
    pub(super) prompt: &'static str,
    pub(super) flag: &'static str,
    pub(super) default: Option<&'static str>,
}

pub(super) const fn text(name: &'static str, prompt: &'static str, flag: &'static str) -> Text {
    Text {
        name,
        prompt,
        flag,
        default: None,
    }
}

/// Asks until the answer is valid. `check` returns the answer to keep, or what is wrong with it.
pub(super) fn ask(
    ui: &Ui,
    answers: &mut Answers,
    question: &Text,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<String, CliError> {
    loop {
        let before = answers.get(question.name).or(question.default);
        let before = before.map(str::to_owned);
        let (answer, was_told) = match answers.take_told(question.name) {
            Some(told) => (told, true),
            // A script accepts the default when it gives no answer.
            None if !ui.asks() && before.is_some() => (before.clone().unwrap_or_default(), false),
            None => {
                let typed = ui.ask(question.prompt, before.as_deref(), question.flag)?;
                if typed == BACK {
                    return Err(went_back());
                }
                answers.passed.is_asked(question.name);
                (typed, false)
            }
        };
        let checked = if answer == STORED && before.as_deref() == Some(STORED) {
            Ok(answer.clone())
        } else {
            check(&answer)
        };
        match checked {
            Ok(kept) => {
                if was_told && !answers.passed.is_replay() {
                    ui.status(&format!("{}: {kept}", question.prompt));
                }
                answers.set(question.name, &kept);
                answers.passed.pass(question.name, question.prompt);
                return Ok(kept);
            }
            Err(why) if ui.asks() => ui.warning(&why),
            Err(why) => {
                return Err(CliError::usage(format!("{}: {why}", question.flag)));
            }
        }
    }
}

/// Asks to choose one of several values, each with the line that is shown for it.
pub(super) fn choose(
    ui: &Ui,
    answers: &mut Answers,
    question: &Text,
    choices: &[(String, String)],
    default: usize,
) -> Result<usize, CliError> {
    let at = |value: &str| choices.iter().position(|(known, _)| known == value);
    if let Some(told) = answers.take_told(question.name) {
        match at(&told) {
            Some(index) => {
                if !answers.passed.is_replay() {
                    ui.status(&format!("{}: {}", question.prompt, choices[index].1));
                }
                answers.set(question.name, &choices[index].0);
                answers.passed.pass(question.name, question.prompt);
                return Ok(index);
            }
            None => {
                let known: Vec<&str> = choices.iter().map(|(value, _)| value.as_str()).collect();
                let why = format!(
                    "{} {told:?}: not one of {}",
                    question.flag,
                    known.join(", ")
                );
                if !ui.asks() {
                    return Err(CliError::usage(why));
                }
                ui.warning(&why);
            }
        }
    }
    let before = answers.get(question.name).and_then(at);
    let index = match before {
        Some(index) if !ui.asks() => index,
        None if !ui.asks() && choices.len() == 1 => 0,
        _ => {
            let shown: Vec<String> = choices.iter().map(|(_, line)| line.clone()).collect();
            let default = before.unwrap_or(default);
            let chosen = ui.choose_or_leave(question.prompt, &shown, default, question.flag)?;
            let chosen = chosen.ok_or_else(went_back)?;
            answers.passed.is_asked(question.name);
            chosen
        }
    };
    answers.set(question.name, &choices[index].0);
    answers.passed.pass(question.name, question.prompt);
    Ok(index)
}

pub(super) fn confirm(
    ui: &Ui,
    answers: &mut Answers,
    question: &Text,
    default: bool,
) -> Result<bool, CliError> {
    if let Some(told) = answers.take_told(question.name) {
        if let Ok(yes) = told.parse::<bool>() {
            if !answers.passed.is_replay() {
                let word = if yes { "yes" } else { "no" };
                ui.status(&format!("{} {word}", question.prompt));
            }
            answers.set(question.name, &told);
            answers.passed.pass(question.name, question.prompt);
            return Ok(yes);
        }
        let why = format!("{} {told:?}: write true or false", question.flag);
        if !ui.asks() {
            return Err(CliError::usage(why));
        }
        ui.warning(&why);
    }
    let before = answers
        .get(question.name)
        .map_or(default, |text| text == "true");
    let yes = if ui.asks() {
        let chosen = ui.confirm_or_leave(question.prompt, before, question.flag)?;
        let chosen = chosen.ok_or_else(went_back)?;
        answers.passed.is_asked(question.name);
        chosen
    } else {
        before
    };
    answers.set(question.name, if yes { "true" } else { "false" });
    answers.passed.pass(question.name, question.prompt);
    Ok(yes)
}

/// Explains a question, unless the user is on the way back to a question and has seen it already.
pub(super) fn explain(ui: &Ui, answers: &Answers, text: &str) {
    if !answers.passed.is_replay() {
        ui.explain(text);
    }
}
