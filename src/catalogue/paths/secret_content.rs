//! Whether what is in a file is a secret. Only that is kept of such a file: nothing of its content leaves the place where it is read.

use super::secrets::SecretFile;

/// What is kept of a file in place of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It has a secret.
    Secret,
    /// It has none.
    Plain,
}

impl Told {
    /// What stands in place of the content.
    #[must_use]
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Secret => b"imgbudget: has a secret\n",
            Self::Plain => b"imgbudget: has no secret\n",
        }
    }

    /// Reads what stands in place of the content. An empty file has no secret.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        [Self::Secret, Self::Plain]
            .into_iter()
            .find(|told| told.as_bytes() == bytes)
            .or(bytes.is_empty().then_some(Self::Plain))
    }
}

/// Looks into a file.
#[must_use]
pub fn look(file: SecretFile, content: &[u8]) -> Told {
    let text = String::from_utf8_lossy(content);
    let is_secret = match file {
        SecretFile::Key => has_key(&text) || is_binary_keyring(content) || is_lone_key(&text),
        SecretFile::Npmrc => lines(&text).any(npm),
        SecretFile::Netrc => after(&text, "password").any(is_value),
        SecretFile::Addresses => text.lines().any(has_password),
        SecretFile::Pypirc => settings(&text, '=').any(|(name, value)| name == "password" && is_value(value)),
        SecretFile::Docker => ["auth", "identitytoken", "password"].iter().any(|key| json(&text, key).any(is_value)),
        SecretFile::Aws => settings(&text, '=')
            .any(|(name, value)| matches!(name, "aws_secret_access_key" | "aws_session_token") && is_value(value)),
        SecretFile::Cloud => {
            json(&text, "private_key").any(|key| key.contains("PRIVATE KEY-----"))
                || ["refresh_token", "client_secret", "clientSecret", "accessToken", "access_token", "secret"]
                    .iter()
                    .any(|key| json(&text, key).any(is_value))
        }
        SecretFile::Kubeconfig => ["client-key-data", "token", "password"]
            .iter()
            .any(|key| settings(&text, ':').any(|(name, value)| name == *key && is_value(value))),
        SecretFile::Env => settings(&text, '=').any(|(name, value)| is_assigned(name, value)),
    };
    if is_secret { Told::Secret } else { Told::Plain }
}

/// How a private key begins, by the formats that have a name: PKCS#1, PKCS#8, SEC 1, OpenSSH, OpenPGP, SSH2, PuTTY, age.
const KEYS: [&str; 8] = [
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----",
    "-----BEGIN DSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
];

/// A private key with something in it: a manual shows the first line alone.
fn has_key(text: &str) -> bool {
    if text.starts_with("PuTTY-User-Key-File-") && text.contains("Private-Lines:") {
        return true;
    }
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if line.starts_with("AGE-SECRET-KEY-1") {
            return true;
        }
        if KEYS.contains(&line) {
            // `Proc-Type:`, `DEK-Info:`, `Version:` and their like go before the key.
            let mut body = lines.by_ref().skip_while(|line| line.is_empty() || line.contains(": "));
            if body.next().is_some_and(|line| line.len() >= 16 && line.bytes().all(is_base64)) {
                return true;
            }
        }
    }
    // What gpg-agent keeps: an S-expression, or lines with one.
    text.contains("(private-key") || text.contains("protected-private-key")
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// The packet of a secret key at the start of an old keyring (RFC 4880, 4.2: tag 5).
fn is_binary_keyring(content: &[u8]) -> bool {
    matches!(content, [0x94..=0x97 | 0xc5, _, _, 3 | 4, ..] | [0x94..=0x97 | 0xc5, _, 3 | 4, ..]) && content.len() > 64
}

/// A file that is one number of 128 bits and more, as Rails' master.key is.
fn is_lone_key(text: &str) -> bool {
    let text = text.trim();
    matches!(text.len(), 32 | 64 | 128) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Lines without what is remarked.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';', '!']))
}

/// `name = value` by line.
fn settings(text: &str, between: char) -> impl Iterator<Item = (&str, &str)> {
    lines(text).filter_map(move |line| {
        let (name, value) = line.split_once(between)?;
        Some((name.trim().trim_start_matches("export ").trim_start_matches("- ").trim(), value.trim()))
    })
}

/// Words that follow a word.
fn after<'t>(text: &'t str, word: &'static str) -> impl Iterator<Item = &'t str> {
    let mut words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    std::iter::from_fn(move || {
        words.find(|found| *found == word)?;
        words.next()
    })
}

/// `//registry/:_authToken=…`, `_password=…`, `npmAuthToken: …`.
fn npm(line: &str) -> bool {
    let Some(at) = line.find(['=', ' ']) else { return false };
    let (name, value) = line.split_at(at);
    let name = name.rsplit(':').find(|part| !part.is_empty()).unwrap_or_default().trim_matches('"');
    let value = value.trim_start_matches(['=', ' ', ':']);
    matches!(name, "_authToken" | "_password" | "_auth" | "npmAuthToken" | "npmAuthIdent") && is_value(value)
}

/// An address with a password in it: `https://user:password@host`.
fn has_password(line: &str) -> bool {
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("://") {
        let authority = after.split(['/', '?', '#', ' ', '"', '\'']).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@')
            && let Some((_, password)) = user.split_once(':')
            && is_value(password)
        {
            return true;
        }
        rest = after;
    }
    false
}

/// The texts that a JSON document has under a key, wherever. Escapes stay as they are.
fn json<'t>(text: &'t str, key: &str) -> impl Iterator<Item = &'t str> {
    let quoted = format!("\"{key}\"");
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once(quoted.as_str())?;
            rest = after;
            let value = after.trim_start().strip_prefix(':').map(str::trim_start).and_then(|it| it.strip_prefix('"'));
            if let Some(value) = value {
                return value.split('"').next();
            }
        }
    })
}

/// Whether a value is one: not empty, not to be filled in by whoever reads the file, and not a word that says so.
fn is_value(value: &str) -> bool {
    const STAND_INS: [&str; 10] =
        ["your", "change", "replace", "example", "placeholder", "dummy", "todo", "xxx", "insert", "secret-here"];
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    let is_filled_in = value.starts_with(['$', '<', '%']) || value.starts_with("{{") || value.starts_with("op://");
    let is_blank = value.chars().all(|c| matches!(c, '*' | '.' | 'x' | 'X' | '-' | '_'));
    !is_filled_in && !is_blank && !STAND_INS.iter().any(|word| lower.starts_with(word))
}

/// Whether a variable of a `.env` has a value that not everybody may know. What is made to be public, a switch, a number, a place is none.
fn is_assigned(name: &str, value: &str) -> bool {
    const PUBLIC: [&str; 9] = [
        "VITE_",
        "REACT_APP_",
        "NEXT_PUBLIC_",
        "NUXT_PUBLIC_",
        "PUBLIC_",
        "EXPO_PUBLIC_",
        "VUE_APP_",
        "GATSBY_",
        "NG_APP_",
    ];
    const SETTINGS: [&str; 14] = [
        "_ENV",
        "_HOST",
        "_PORT",
        "_LEVEL",
        "_REGION",
        "_MODE",
        "_VERSION",
        "_NAME",
        "_LOCALE",
        "_ENVIRONMENT",
        "_ZONE",
        "_FORMAT",
        "_DRIVER",
        "_MODULE",
    ];
    const PLAIN: [&str; 13] = [
        "ENV",
        "HOST",
        "HOSTNAME",
        "PORT",
        "TZ",
        "LANG",
        "LC_ALL",
        "DEBUG",
        "MODE",
        "NODE_OPTIONS",
        "PYTHONPATH",
        "PATH",
        "ENVIRONMENT",
    ];
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name || !is_value(value) {
        return false;
    }
    let upper = name.to_ascii_uppercase();
    if PUBLIC.iter().any(|public| upper.starts_with(public)) {
        return false;
    }
    if ["SECRET", "PASSWORD", "PASSWD", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY", "CREDENTIAL"]
        .iter()
        .any(|word| upper.contains(word))
    {
        return true;
    }
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let is_setting = PLAIN.contains(&upper.as_str()) || SETTINGS.iter().any(|end| upper.ends_with(end));
    let is_switch = ["true", "false", "yes", "no", "on", "off", "null"].contains(&value.to_ascii_lowercase().as_str());
    let is_number =
        value.len() <= 12 && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_'));
    let is_place = value.starts_with(['/', '.', '~'])
        || value.contains("://") && !value.contains('@') && !value.contains("hooks.");
    !(is_setting || is_switch || is_number || is_place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A private key of that label, not one of anybody's.
    fn key(label: &str) -> String {
        format!("-----BEGIN {label}-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END {label}-----\n")
    }

    #[test]
    fn keys_and_what_only_looks_like_one() {
        let is_key = |text: &str| look(SecretFile::Key, text.as_bytes()) == Told::Secret;
        for label in
            ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"]
        {
            assert!(is_key(&key(label)), "{label}");
            assert!(is_key(&format!("{}{}", key("CERTIFICATE"), key(label))), "behind a certificate: {label}");
            assert!(is_key(&key(label).replace('\n', "\r\n")), "{label}");
        }
        assert!(is_key("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nlQOYBGNyZXkBCADExampleAA\n"));
        assert!(is_key(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIEowIBAAKCAQEA0000\n"
        ));
        assert!(is_key("PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAA\n"));
        assert!(is_key(&"0123456789abcdef".repeat(2)));
        for label in
            ["PUBLIC KEY", "CERTIFICATE", "RSA PUBLIC KEY", "PGP PUBLIC KEY BLOCK", "DH PARAMETERS", "EC PARAMETERS"]
        {
            assert!(!is_key(&key(label)), "{label}");
        }
        assert!(!is_key("Paste it here:\n-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"));
        assert!(!is_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA a@b"));
        assert!(!is_key(""));
    }

    #[test]
    fn credentials_and_what_leaves_them_open() {
        use SecretFile::*;
        for (file, text, wanted) in [
            (Npmrc, "//registry.example.com/:_authToken=npm_abc\n", true),
            (Npmrc, "registry=https://registry.example.com/\n//r.example.com/:_password = aGk=\n", true),
            (Npmrc, "npmAuthToken: \"abc\"\n", true),
            (Npmrc, "//registry.example.com/:_authToken=${NPM_TOKEN}\n", false),
            (Npmrc, "# //registry.example.com/:_authToken=abc\nsave-exact=true\nalways-auth=true\n", false),
            (Netrc, "machine a.example.com login me password hunter2\n", true),
            (Netrc, "machine a.example.com\n  login me\n", false),
            (Addresses, "https://me:hunter2@git.example.com\n", true),
            (Addresses, "https://me@git.example.com\nhttps://git.example.com/a:b@c\n", false),
            (Addresses, "index-url = https://${USER}:${PASS}@pypi.example.com/simple\n", false),
            (Pypirc, "[pypi]\nusername = __token__\npassword = pypi-abc\n", true),
            (Pypirc, "[pypi]\nusername = __token__\npassword =\n", false),
            (Docker, r#"{"auths":{"registry.example.com":{"auth":"bWU6aHVudGVyMg=="}}}"#, true),
            (Docker, r#"{"auths":{"registry.example.com":{}},"credsStore":"desktop"}"#, false),
            (Aws, "[default]\naws_access_key_id = AKIA\naws_secret_access_key = abc\n", true),
            (Aws, "[default]\nregion = eu-central-1\nrole_arn = arn:aws:iam::1:role/x\n", false),
            (Cloud, r#"{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\nMII\n"}"#, true),
            (Cloud, r#"{"type":"external_account","audience":"//iam"}"#, false),
            (Cloud, r#"{"installed":{"client_id":"a","client_secret":"GOCSPX-abc"}}"#, true),
            (Kubeconfig, "users:\n- name: a\n  user:\n    client-key-data: LS0t\n", true),
            (Kubeconfig, "users:\n- name: a\n  user:\n    exec:\n      command: aws\n", false),
            (Env, "API_KEY=abc\n", true),
            (Env, "export DB_PASSWORD='hunter2'\n", true),
            (Env, "DATABASE_URL=postgres://me:hunter2@db/x\n", true),
            (Env, "STRIPE=sk_live_abc\n", true),
            (Env, "NODE_ENV=production\nPORT=3000\nVITE_KEY=abc\nDEBUG=true\nAPI_URL=https://api.example.com\n", false),
            (Env, "API_KEY=\nTOKEN=${TOKEN}\nSECRET=changeme\n# PASSWORD=hunter2\n", false),
        ] {
            assert_eq!(look(file, text.as_bytes()) == Told::Secret, wanted, "{file:?}: {text}");
        }
    }

    #[test]
    fn only_the_answer_is_kept() {
        for told in [Told::Secret, Told::Plain] {
            assert_eq!(Told::read(told.as_bytes()), Some(told));
        }
        assert_eq!((Told::read(b""), Told::read(b"hunter2")), (Some(Told::Plain), None));
    }
}
