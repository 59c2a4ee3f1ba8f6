//! Where the engine is: the same answer that the `docker` command would come to, and Podman's sockets after that.
//!
//! Order: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context of `config.json`, the default sockets. Nothing is contacted here.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::credentials::docker_config;
use crate::{Class, Error};

/// One place where an engine may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it listens.
    pub address: Address,
    /// Who said so.
    pub from: Origin,
}

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// `host:port`, with TLS or in the clear.
    Tcp {
        /// `host:port`.
        authority: String,
        /// Certificates, when the connection is to be encrypted.
        tls: Option<Tls>,
    },
}

/// The certificates of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The authority that the engine's certificate must come from.
    pub ca: PathBuf,
    /// Our certificate.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Who said where the engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `DOCKER_HOST`.
    DockerHost,
    /// A Docker context.
    Context(String),
    /// Nobody: it is where engines usually listen.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DockerHost => f.write_str("DOCKER_HOST"),
            Self::Context(name) => write!(f, "context `{name}`"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { authority, tls: None } => write!(f, "tcp://{authority}"),
            Self::Tcp { authority, tls: Some(_) } => write!(f, "tcp://{authority} with TLS"),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.from)
    }
}

/// The places to try, in this order. One when the environment or a context names it; the usual sockets otherwise.
///
/// `env` is the environment of the process; contexts are read from Docker's configuration directory that it names.
pub fn find(env: &BTreeMap<String, String>) -> Result<Vec<Endpoint>, Error> {
    let set = |name: &str| env.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let directory = docker_config::directory(env);
    if let Some(host) = set("DOCKER_HOST") {
        let from = Origin::DockerHost;
        return Ok(vec![Endpoint { address: address(host, &from, || environment_tls(env))?, from }]);
    }
    let context = match set("DOCKER_CONTEXT") {
        Some(name) => Some(name.to_owned()),
        None => docker_config::load(directory.as_deref())?.current_context,
    };
    match context.filter(|name| !name.is_empty() && name != "default") {
        Some(name) => Ok(vec![of_context(directory.as_deref(), &name)?]),
        None => Ok(usual(env)),
    }
}

fn of_context(directory: Option<&Path>, name: &str) -> Result<Endpoint, Error> {
    let missing = || {
        Error::new(Class::Engine, format!("there is no Docker context `{name}`"))
            .with_hint("`docker context ls` lists the contexts; DOCKER_CONTEXT or DOCKER_HOST chooses another engine.")
    };
    let directory = directory.ok_or_else(missing)?;
    let found = docker_config::context(directory, name)?.ok_or_else(missing)?;
    let from = Origin::Context(name.to_owned());
    if found.skip_tls_verify {
        return Err(Error::new(
            Class::Engine,
            format!("{from} skips the verification of TLS, and imgbudget never does"),
        )
        .with_hint("Give the context the engine's CA: `docker context update --docker host=…,ca=…`."));
    }
    let material = docker_config::context_tls(directory, name);
    let tls = || material.is_dir().then(|| Tls::in_directory(&material));
    Ok(Endpoint { address: address(&found.host, &from, tls)?, from })
}

impl Tls {
    fn in_directory(directory: &Path) -> Self {
        Self { ca: directory.join("ca.pem"), cert: directory.join("cert.pem"), key: directory.join("key.pem") }
    }
}

/// TLS as the environment asks for it. `DOCKER_TLS` asks for encryption without verification; it gets verification as well.
fn environment_tls(env: &BTreeMap<String, String>) -> Option<Tls> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let asked = set("DOCKER_TLS_VERIFY").or_else(|| set("DOCKER_TLS")).is_some();
    let certificates = set("DOCKER_CERT_PATH").map(PathBuf::from).or_else(|| docker_config::directory(env));
    asked.then(|| Tls::in_directory(&certificates.unwrap_or_default()))
}

fn address(text: &str, from: &Origin, tls: impl FnOnce() -> Option<Tls>) -> Result<Address, Error> {
    let wrong = |why: &str, hint: &str| {
        Error::new(Class::Engine, format!("{from} says `{text}`, {why}")).with_hint(hint.to_owned())
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(wrong("which is not an address", "Write unix:///path/to/docker.sock or tcp://host:port."));
    };
    match scheme {
        "unix" if rest.is_empty() => Err(wrong("which does not name a socket", "Write unix:///path/to/docker.sock.")),
        "unix" => Ok(Address::Unix(PathBuf::from(rest))),
        "tcp" | "http" | "https" => {
            let tls = if scheme == "http" { None } else { tls() };
            if scheme == "https" && tls.is_none() {
                return Err(wrong(
                    "but there are no certificates for it",
                    "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the directory with ca.pem, cert.pem and key.pem.",
                ));
            }
            let authority = authority(rest, if tls.is_some() { 2376 } else { 2375 })
                .ok_or_else(|| wrong("which is not a host and a port", "Write tcp://host:port, without a path."))?;
            Ok(Address::Tcp { authority, tls })
        }
        "ssh" => Err(wrong(
            "and imgbudget does not speak ssh",
            "Forward the socket yourself, `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST`, and set DOCKER_HOST=unix:///tmp/docker.sock.",
        )),
        "npipe" => {
            Err(wrong("and named pipes exist on Windows only", "Write unix:///path/to/docker.sock or tcp://host:port."))
        }
        _ => Err(wrong("with an unknown scheme", "imgbudget speaks unix:// and tcp://.")),
    }
}

/// `host:port`, the port filled in. `None` for anything else, such as an address with a path.
fn authority(text: &str, default_port: u16) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']' | b'%');
    let text = if text.starts_with(':') { format!("localhost{text}") } else { text.to_owned() };
    if text.is_empty() || !text.bytes().all(plain) {
        return None;
    }
    let after_host = text.rsplit_once(']').map_or(text.as_str(), |(_, rest)| rest);
    match after_host.rsplit_once(':') {
        Some((_, port)) => port.parse::<u16>().ok().map(|_| text.clone()),
        None => Some(format!("{text}:{default_port}")),
    }
}

/// Where engines listen when nobody says otherwise: Docker, rootless Docker, Docker Desktop, Podman.
fn usual(env: &BTreeMap<String, String>) -> Vec<Endpoint> {
    let below = |variable: &str, rest: &str| {
        env.get(variable).filter(|value| !value.is_empty()).map(|base| Path::new(base).join(rest))
    };
    [
        Some(PathBuf::from("/var/run/docker.sock")),
        below("XDG_RUNTIME_DIR", "docker.sock"),
        below("HOME", ".docker/run/docker.sock"),
        below("HOME", ".docker/desktop/docker.sock"),
        below("XDG_RUNTIME_DIR", "podman/podman.sock"),
        Some(PathBuf::from("/run/podman/podman.sock")),
    ]
    .into_iter()
    .flatten()
    .map(|path| Endpoint { address: Address::Unix(path), from: Origin::Default })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn shown(pairs: &[(&str, &str)]) -> String {
        match find(&env(pairs)) {
            Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(error) => format!("error: {error}"),
        }
    }

    /// A configuration directory with the context `far` at `host`, chosen in config.json.
    fn with_context(host: &str, tls: bool) -> tempfile::TempDir {
        let home = tempfile::tempdir().expect("tempdir");
        // `printf far | sha256sum`
        let id = "512eea46ceb3921dff4363c7069d89d4964d1d9fccaa0f411851a7aa60a5c868";
        let meta = home.path().join("contexts/meta").join(id);
        std::fs::create_dir_all(&meta).expect("mkdir");
        let text = format!(
            r#"{{"Name":"far","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
        );
        std::fs::write(meta.join("meta.json"), text).expect("write");
        if tls {
            std::fs::create_dir_all(home.path().join("contexts/tls").join(id).join("docker")).expect("mkdir");
        }
        std::fs::write(home.path().join("config.json"), r#"{"currentContext":"far","auths":{}}"#).expect("write");
        home
    }

    #[test]
    fn the_variable_wins_over_the_context() {
        let home = with_context("unix:///far.sock", false);
        let config = home.path().to_str().expect("utf-8");
        assert_eq!(shown(&[("DOCKER_CONFIG", config)]), "unix:///far.sock (context `far`)");
        let both = [("DOCKER_CONFIG", config), ("DOCKER_HOST", "unix:///near.sock")];
        assert_eq!(shown(&both), "unix:///near.sock (DOCKER_HOST)");
        let default = [("DOCKER_CONFIG", config), ("DOCKER_CONTEXT", "default")];
        assert!(shown(&default).starts_with("unix:///var/run/docker.sock (default)"));
        let gone = [("DOCKER_CONFIG", config), ("DOCKER_CONTEXT", "gone")];
        assert_eq!(shown(&gone), "error: there is no Docker context `gone`");
    }

    #[test]
    fn a_context_brings_its_certificates() {
        let home = with_context("tcp://far.example:2376", true);
        let config = home.path().to_str().expect("utf-8");
        assert_eq!(shown(&[("DOCKER_CONFIG", config)]), "tcp://far.example:2376 with TLS (context `far`)");
    }

    #[test]
    fn a_broken_configuration_is_not_passed_over() {
        let home = tempfile::tempdir().expect("tempdir");
        std::fs::write(home.path().join("config.json"), "{\"currentContext\": hunter2}").expect("write");
        let config = home.path().to_str().expect("utf-8");
        let said = shown(&[("DOCKER_CONFIG", config)]);
        assert!(said.contains("is not valid at line 1, column 20"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn addresses() {
        let host = |value: &str| shown(&[("DOCKER_HOST", value)]);
        assert_eq!(host("tcp://dind"), "tcp://dind:2375 (DOCKER_HOST)");
        assert_eq!(host("tcp://dind:2375/"), "tcp://dind:2375 (DOCKER_HOST)");
        assert_eq!(host("tcp://[::1]"), "tcp://[::1]:2375 (DOCKER_HOST)");
        assert_eq!(host("http://10.0.0.1:80"), "tcp://10.0.0.1:80 (DOCKER_HOST)");
        assert_eq!(host("ssh://me@far"), "error: DOCKER_HOST says `ssh://me@far`, and imgbudget does not speak ssh");
        for wrong in ["far", "unix://", "tcp://", "tcp://a/b", "tcp://a:b", "tcp://a b", "npipe:////./pipe/x", "fd://3"]
        {
            assert!(host(wrong).starts_with("error: DOCKER_HOST says"), "{wrong}");
        }
    }

    #[test]
    fn tls_needs_its_switch() {
        let certificates = ("DOCKER_CERT_PATH", "/certs");
        let dind = ("DOCKER_HOST", "tcp://dind");
        assert_eq!(shown(&[dind, certificates]), "tcp://dind:2375 (DOCKER_HOST)");
        assert_eq!(shown(&[dind, certificates, ("DOCKER_TLS_VERIFY", "1")]), "tcp://dind:2376 with TLS (DOCKER_HOST)");
        assert!(shown(&[("DOCKER_HOST", "https://dind")]).contains("no certificates"));
    }

    #[test]
    fn the_usual_sockets() {
        insta::assert_snapshot!(shown(&[("HOME", "/home/u"), ("XDG_RUNTIME_DIR", "/run/user/7")]), @r"
        unix:///var/run/docker.sock (default)
        unix:///run/user/7/docker.sock (default)
        unix:///home/u/.docker/run/docker.sock (default)
        unix:///home/u/.docker/desktop/docker.sock (default)
        unix:///run/user/7/podman/podman.sock (default)
        unix:///run/podman/podman.sock (default)
        ");
    }
}
