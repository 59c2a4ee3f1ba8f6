//! Credential helpers: programs that know logins (docs.docker.com, `docker login`, "Credential helper protocol").

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::login::Credential;
use super::secret::is_our_secret;

/// How long a helper may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that a helper may write, in bytes.
const MOST: u64 = 64 << 10;

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HelperAnswer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// Asks `docker-credential-<helper>` for the login of `server`. `Ok(None)`: it has none. The error is a verb phrase.
pub(super) async fn ask(helper: &str, server: &str) -> Result<Option<Credential>, String> {
    if !helper.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        return Err("is not the name of a program".to_owned());
    }
    run(Command::new(format!("docker-credential-{helper}")), server).await
}

async fn run(mut command: Command, server: &str) -> Result<Option<Credential>, String> {
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_our_secret) {
            command.env_remove(name);
        }
    }
    let exchange = async {
        let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A helper that does not read its question has failed already; its exit says so.
            let _ = stdin.write_all(server.as_bytes()).await;
        }
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MOST).read_to_end(&mut output).await.map_err(|error| format!("cannot be read: {error}"))?;
        }
        let status = child.wait().await.map_err(|error| format!("cannot be waited for: {error}"))?;
        Ok((status, output))
    };
    let (status, output) =
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err("did not answer in time".to_owned()))?;
    if !status.success() {
        // Helpers say so on stdout; the sentence is part of their protocol.
        let none = String::from_utf8_lossy(&output).contains("credentials not found");
        return if none { Ok(None) } else { Err(format!("failed ({status})")) };
    }
    let answer: HelperAnswer =
        serde_json::from_slice(&output).map_err(|_| "answered with something that is not a login".to_owned())?;
    Ok(match (answer.username.as_str(), answer.secret) {
        (_, secret) if secret.is_empty() => None,
        ("<token>", token) => Some(Credential::IdentityToken(token)),
        (username, password) => Some(Credential::Password { username: username.to_owned(), password }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_helpers_answer() {
        let password = |username: &str, password: &str| {
            Ok(Some(Credential::Password { username: username.to_owned(), password: password.to_owned() }))
        };
        for (script, answer) in [
            (
                r#"read -r s; echo "{\"ServerURL\":\"x\",\"Username\":\"$1\",\"Secret\":\"$s\"}""#,
                password("get", "r.example.com"),
            ),
            (r#"echo '{"Username":"<token>","Secret":"t"}'"#, Ok(Some(Credential::IdentityToken("t".to_owned())))),
            ("echo credentials not found in native keychain; exit 1", Ok(None)),
            ("echo '{}'", Ok(None)),
            ("echo hunter2", Err("answered with something that is not a login".to_owned())),
            ("echo hunter2; exit 3", Err("failed (exit status: 3)".to_owned())),
            (
                "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
                Err("failed (signal: 13 (SIGPIPE))".to_owned()),
            ),
        ] {
            let mut helper = Command::new("sh");
            helper.args(["-c", script, "helper"]);
            assert_eq!(run(helper, "r.example.com\n").await, answer, "{script}");
        }
    }
}
