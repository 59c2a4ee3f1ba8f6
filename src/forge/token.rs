//! A token that cannot be shown by accident.

use std::fmt;

use crate::ci::Environment;

/// A secret for the API. Neither `Debug` nor an error nor a log shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The variable holds something that cannot be a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} holds characters that no token has")]
pub struct TokenError(pub &'static str);

impl Token {
    /// The first of `names` that is set and not empty. A token is printable ASCII once the line break that `$(cat file)` forgets
    /// is trimmed; anything else would break the header it is sent in.
    pub fn from_environment(environment: &Environment, names: &[&'static str]) -> Result<Option<Self>, TokenError> {
        for name in names {
            let Some(text) = environment.get(*name).map(|text| text.trim()).filter(|text| !text.is_empty()) else {
                continue;
            };
            if !text.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(TokenError(name));
            }
            return Ok(Some(Self(text.to_owned())));
        }
        Ok(None)
    }

    /// The secret itself, for the one header that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimmed_checked_and_never_shown() {
        let environment = |value: &str| Environment::from([("T".to_owned(), value.to_owned())]);
        let token = Token::from_environment(&environment("canary\n"), &["X", "T"]).expect("fine").expect("set");
        assert_eq!(token.expose(), "canary");
        assert!(!format!("{token:?}").contains("canary"));
        assert_eq!(Token::from_environment(&environment("a b"), &["T"]), Err(TokenError("T")));
        assert_eq!(Token::from_environment(&environment(" "), &["T"]), Ok(None));
    }
}
