//! Where the token comes from: the environment, a token helper, or the token file, in the vendors' order.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::setting::{Environment, Flags, Origin, Setting, SettingsError};
use svpki_types::Secret;

/// An empty secret when there is none: some paths need no token.
pub(super) fn find(
    flags: &Flags,
    env: &Environment,
    address: &str,
    warnings: &mut Vec<String>,
) -> Result<Setting<Secret>, SettingsError> {
    if let Some(path) = &flags.token_file {
        let token = from_file(path, warnings).map_err(|why| {
            SettingsError::new(
                format!("--token-file {}", path.display()),
                super::io_words(&why),
            )
        })?;
        return Ok(Setting::new(token, Origin::Flag("--token-file")));
    }
    if let Some(found) = env.server_variable("TOKEN") {
        return Ok(Setting::new(Secret::new(found.value.trim()), found.origin));
    }
    if let Some(helper) = configured_helper(env)? {
        return from_helper(&helper, address);
    }
    let path = match env.server_variable("TOKEN_PATH") {
        Some(found) => PathBuf::from(found.value),
        None => match &env.home {
            Some(home) => home.join(".vault-token"),
            None => return Ok(Setting::new(Secret::default(), Origin::Default)),
        },
    };
    match from_file(&path, warnings) {
        Ok(token) => Ok(Setting::new(token, Origin::File(path))),
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            Ok(Setting::new(Secret::default(), Origin::Default))
        }
        Err(why) => Err(SettingsError::new(
            format!("token file {}", path.display()),
            super::io_words(&why),
        )),
    }
}

fn from_file(path: &Path, warnings: &mut Vec<String>) -> io::Result<Secret> {
    use std::os::unix::fs::PermissionsExt;

    let text = zeroize::Zeroizing::new(std::fs::read_to_string(path)?);
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        warnings.push(format!(
            "{} can be read by others (mode {:04o}): chmod 600 {}",
            path.display(),
            mode & 0o777,
            path.display()
        ));
    }
    Ok(Secret::new(text.trim()))
}

/// `token_helper` of the first CLI configuration file that exists.
fn configured_helper(env: &Environment) -> Result<Option<PathBuf>, SettingsError> {
    let named = env
        .server_variable("CONFIG_PATH")
        .map(|found| PathBuf::from(found.value));
    let candidates = match (named, &env.home) {
        (Some(path), _) => vec![path],
        (None, Some(home)) => vec![home.join(".bao"), home.join(".vault")],
        (None, None) => Vec::new(),
    };
    for path in candidates {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            // Some people keep a folder of that name.
            Err(why)
                if matches!(
                    why.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::IsADirectory
                ) =>
            {
                continue;
            }
            Err(why) => return Err(SettingsError::new(path.display(), super::io_words(&why))),
        };
        let Some(helper) = helper_in(&text) else {
            continue;
        };
        let helper = PathBuf::from(helper);
        if !helper.is_absolute() {
            return Err(SettingsError::new(
                path.display(),
                format!(
                    "token_helper {:?} must be an absolute path",
                    helper.display()
                ),
            ));
        }
        return Ok(Some(helper));
    }
    Ok(None)
}

/// The one value that the CLI's HCL (or JSON) configuration holds.
fn helper_in(text: &str) -> Option<String> {
    for line in text.lines() {
        let line = line.trim().trim_start_matches('{').trim();
        if line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        let Some(rest) = line.trim_start_matches('"').strip_prefix("token_helper") else {
            continue;
        };
        let rest = rest.trim_start_matches('"').trim_start();
        let Some(rest) = rest.strip_prefix(['=', ':']) else {
            continue;
        };
        let Some(rest) = rest.trim_start().strip_prefix('"') else {
            continue;
        };
        let Some((value, _)) = rest.split_once('"') else {
            continue;
        };
        return Some(value.to_owned()).filter(|value| !value.is_empty());
    }
    None
}

fn from_helper(helper: &Path, address: &str) -> Result<Setting<Secret>, SettingsError> {
    let what = || format!("token helper {}", helper.display());
    let output = Command::new(helper)
        .arg("get")
        .env("VAULT_ADDR", address.trim_end_matches('/'))
        .stdin(Stdio::null())
        .output()
        .map_err(|why| SettingsError::new(what(), super::io_words(&why)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: String = said.trim().chars().take(300).collect();
        return Err(SettingsError::new(
            what(),
            format!("failed ({}): {said}", output.status),
        ));
    }
    let token = String::from_utf8(output.stdout)
        .map_err(|_| SettingsError::new(what(), "answered something that is not text"))?;
    Ok(Setting::new(
        Secret::new(token.trim()),
        Origin::Helper(helper.to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn token(env: &Environment) -> Result<Setting<Secret>, SettingsError> {
        find(
            &Flags::default(),
            env,
            "http://127.0.0.1:1/",
            &mut Vec::new(),
        )
    }

    #[test]
    fn the_token_file_is_read_and_its_mode_looked_at() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".vault-token");
        let env = Environment::of(&[], Some(home.path().into()));
        assert!(token(&env).unwrap().value.is_empty());
        std::fs::write(&path, "s.file\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let mut warnings = Vec::new();
        let found = find(&Flags::default(), &env, "", &mut warnings).unwrap();
        assert_eq!(found.value.expose(), "s.file");
        assert_eq!(found.origin, Origin::File(path));
        assert_eq!(warnings.len(), 1);
        let env = Environment::of(&[("VAULT_TOKEN", "s.env")], Some(home.path().into()));
        assert_eq!(token(&env).unwrap().value.expose(), "s.env");
    }

    #[test]
    fn a_helper_comes_before_the_file_and_its_failure_is_told() {
        let home = tempfile::tempdir().unwrap();
        let helper = home.path().join("helper");
        let write = |script: &str| {
            std::fs::write(&helper, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o700)).unwrap();
        };
        std::fs::write(home.path().join(".vault-token"), "s.file").unwrap();
        let config = format!("# mine\ntoken_helper = \"{}\"\n", helper.display());
        std::fs::write(home.path().join(".vault"), config).unwrap();
        let env = Environment::of(&[], Some(home.path().into()));
        write("[ \"$1\" = get ] && printf 's.helper:%s' \"$VAULT_ADDR\"");
        let found = token(&env).unwrap();
        assert_eq!(found.value.expose(), "s.helper:http://127.0.0.1:1");
        assert_eq!(found.origin, Origin::Helper(helper.clone()));
        write("echo locked >&2; exit 3");
        assert!(token(&env).unwrap_err().to_string().contains("locked"));
    }

    #[test]
    fn helper_notations() {
        assert_eq!(
            helper_in("token_helper = \"/a b\"").as_deref(),
            Some("/a b")
        );
        assert_eq!(
            helper_in("{\"token_helper\": \"/a\"}").as_deref(),
            Some("/a")
        );
        assert_eq!(helper_in("# token_helper = \"/a\""), None);
        assert_eq!(helper_in("token_helper = \"\""), None);
    }
}
