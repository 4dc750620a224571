//! Command lines that the operator can paste into a shell.

/// The command line of this process, quoted for a shell, so that it can be repeated.
pub fn same_line() -> String {
    let words = std::env::args().skip(1).map(|word| quoted(&word));
    let words: Vec<String> = std::iter::once("svpki".to_owned()).chain(words).collect();
    words.join(" ")
}

/// Quotes a word for a shell, if that is necessary.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
