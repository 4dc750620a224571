//! Gets another token when the current one is no longer accepted: from the token's source, or by asking at the
//! terminal.

use std::io::{IsTerminal, stderr, stdin};

use super::super::{clean, prompt};
use super::send::TokenPrompt;
use svpki_types::Secret;
use vault_client::{Flags, Server, Settings, VaultError};

pub struct AskForToken {
    pub flags: Flags,
    /// Whether a person may be asked.
    pub asks: bool,
}

impl TokenPrompt for AskForToken {
    fn login(&self, server: &Server, refused: &VaultError) -> Option<Server> {
        // An agent may have written a new token to its file meanwhile.
        if let Ok(settings) = Settings::from_env(&self.flags)
            && !settings.token.value.is_empty()
            && settings.token.value != server.settings().token.value
        {
            return server.with_token(settings.token.value).ok();
        }
        if !(self.asks && stdin().is_terminal() && stderr().is_terminal()) {
            return None;
        }
        let question = format!(
            "The token is not accepted any more ({}). Another token",
            refused.errors.join("; ")
        );
        let typed = prompt::secret(&format!("{}: ", clean(&question))).ok()?;
        let token = Secret::new(typed.expose().trim());
        if token.is_empty() {
            return None;
        }
        server.with_token(token).ok()
    }
}
