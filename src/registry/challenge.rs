//! How a registry asks for a login: `WWW-Authenticate` (RFC 9110, 11.6.1; distribution's "Token Authentication Specification").

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// What has to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password.
    Basic,
    /// A token of this server.
    Bearer {
        /// Where the server is.
        realm: String,
        /// What it calls the registry.
        service: Option<String>,
    },
}

impl Challenge {
    /// The challenge of an answer that can be met: a token before a password. `None` when there is none.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let all: Vec<_> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| Scanner(header).challenges())
            .collect();
        let named = |name: &str| all.iter().find(|(scheme, _)| scheme.eq_ignore_ascii_case(name));
        let value = |parameters: &[(String, String)], name: &str| {
            parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        let bearer = named("Bearer").and_then(|(_, parameters)| {
            Some(Self::Bearer { realm: value(parameters, "realm")?, service: value(parameters, "service") })
        });
        bearer.or_else(|| named("Basic").map(|_| Self::Basic))
    }
}

/// What is left of a header.
struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    /// Schemes with their parameters; what is no challenge ends the list.
    fn challenges(mut self) -> Vec<(String, Vec<(String, String)>)> {
        let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
        loop {
            self.skip(&[' ', '\t', ',']);
            let Some(word) = self.word() else { return found };
            self.skip(&[' ', '\t']);
            // A word with `=` behind it is a parameter of the scheme before it, and one without begins the next.
            if let Some(rest) = self.0.strip_prefix('=').filter(|_| !found.is_empty()) {
                self.0 = rest;
                self.skip(&[' ', '\t']);
                let Some(value) = self.value() else { return found };
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word, value));
                }
            } else {
                found.push((word, Vec::new()));
            }
        }
    }

    fn skip(&mut self, those: &[char]) {
        self.0 = self.0.trim_start_matches(those);
    }

    fn word(&mut self) -> Option<String> {
        let end = self.0.find([' ', '\t', ',', '=', '"']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        self.0 = rest;
        Some(word.to_owned())
    }

    fn value(&mut self) -> Option<String> {
        let Some(quoted) = self.0.strip_prefix('"') else { return self.word() };
        let (mut value, mut characters) = (String::new(), quoted.char_indices());
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.0 = quoted.get(at + 1..)?;
                    return Some(value);
                }
                '\\' => value.push(characters.next()?.1),
                other => value.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(lines: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(WWW_AUTHENTICATE, line.parse().expect("a header"));
        }
        Challenge::of(&headers)
    }

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) }
    }

    #[test]
    fn a_token_goes_before_a_password() {
        for lines in [
            &[r#"Bearer realm="https://a/t",service="r",scope="repository:x:pull,push""#][..],
            &[r#"Basic realm="a, b", bearer service = r , realm="https://a/t""#],
            &[r#"Basic realm="x=\"y\"""#, r#"Bearer realm=https://a/t,service="r",error="invalid_token""#],
        ] {
            assert_eq!(challenge(lines), Some(bearer("https://a/t", Some("r"))), "{lines:?}");
        }
        assert_eq!(challenge(&["Bearer realm=\"https://a/t\""]), Some(bearer("https://a/t", None)));
    }

    proptest::proptest! {
        #[test]
        fn no_header_is_too_odd(header in "[ -~]{0,60}", quoted in "([Bb]earer |[a-z]+=|\"|\\\\|,| ){0,20}") {
            for header in [header, quoted] {
                let _ = challenge(&[&header]);
            }
        }
    }

    #[test]
    fn what_cannot_be_met_is_none() {
        for lines in [&["Basic"][..], &["Negotiate", "basic realm=x"], &[r#"Bearer service="r""#, "Basic realm=\"x\""]]
        {
            assert_eq!(challenge(lines), Some(Challenge::Basic), "{lines:?}");
        }
        for lines in [&[][..], &["Bearer"], &["Negotiate abc=="], &["\"", "=", ",,"], &["Bearer realm=\"unfinished"]] {
            assert_eq!(challenge(lines), None, "{lines:?}");
        }
    }
}
