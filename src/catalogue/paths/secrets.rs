//! Files that may hold keys and passwords. A name makes none of them a secret: what is in them does.

use super::dependencies::is_in_dependency;

/// For lists: what is found.
pub(super) const MEMBERS: &[&str] = &[
    "private keys",
    ".npmrc",
    ".netrc",
    ".git-credentials",
    ".pypirc",
    "docker",
    "aws",
    "gcloud",
    "azure",
    "kubeconfig",
    ".env",
];

/// How a file that may hold a secret is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFile {
    /// A key in one of the forms in which private keys are written.
    Key,
    /// `.npmrc`, `.yarnrc`, `.yarnrc.yml`.
    Npmrc,
    /// `.netrc`.
    Netrc,
    /// `.git-credentials`, `pip.conf`: addresses with a password in them.
    Addresses,
    /// `.pypirc`.
    Pypirc,
    /// Docker's `config.json`, Podman's `auth.json`.
    Docker,
    /// AWS.
    Aws,
    /// A JSON file of Google Cloud or Azure.
    Cloud,
    /// kubectl's.
    Kubeconfig,
    /// Variables of an environment.
    Env,
}

/// How a file at an absolute path is to be understood; `None` where its name promises nothing, and for what comes with a dependency.
pub fn candidate(path: &[u8]) -> Option<SecretFile> {
    let slash = path.iter().rposition(|byte| *byte == b'/')?;
    let (directory, name) = (path.get(..slash)?, path.get(slash + 1..)?);
    let found = named(directory, name)?;
    (!is_in_dependency(path)).then_some(found)
}

/// The most bytes that such a file has: certificates may stand beside a key, and the rest is small.
pub fn largest(path: &[u8]) -> Option<u64> {
    Some(match candidate(path)? {
        SecretFile::Key => 1 << 20,
        _ => 256 << 10,
    })
}

/// Whether a file called so may be a candidate: a quick look before the path is made.
pub fn may_be_called(name: &[u8]) -> bool {
    name.starts_with(b".")
        || name.starts_with(b"id_")
        || [&b".pem"[..], b".key", b".ppk", b".p8", b".pk8", b".asc", b"_key", b".json", b".conf", b".yaml", b".env"]
            .iter()
            .any(|end| name.ends_with(end))
        || [&b"credentials"[..], b"config", b"identity", b"secring.gpg", b"_netrc"].contains(&name)
        || name.ends_with(b"kubeconfig")
}

fn named(directory: &[u8], name: &[u8]) -> Option<SecretFile> {
    let below = |folder: &[u8]| directory.strip_suffix(folder).is_some_and(|above| above.ends_with(b"/"));
    Some(match name {
        b".npmrc" | b".yarnrc" | b".yarnrc.yml" => SecretFile::Npmrc,
        b".netrc" | b"_netrc" => SecretFile::Netrc,
        b".git-credentials" | b"pip.conf" | b".pip.conf" => SecretFile::Addresses,
        b"credentials" | b"config" if below(b".aws") => SecretFile::Aws,
        b"credentials" if below(b"git") => SecretFile::Addresses,
        b".pypirc" => SecretFile::Pypirc,
        b".dockercfg" => SecretFile::Docker,
        b"config.json" if below(b".docker") => SecretFile::Docker,
        b"auth.json" if below(b"containers") => SecretFile::Docker,
        b"config" if below(b".kube") => SecretFile::Kubeconfig,
        b"k3s.yaml" => SecretFile::Kubeconfig,
        b"admin.conf" | b"kubelet.conf" | b"super-admin.conf" if below(b"kubernetes") => SecretFile::Kubeconfig,
        _ if name.ends_with(b"kubeconfig") => SecretFile::Kubeconfig,
        _ if is_env(name) => SecretFile::Env,
        _ if is_cloud(directory, name) => SecretFile::Cloud,
        _ if is_key(name) => SecretFile::Key,
        _ => return None,
    })
}

/// `.env`, `.env.production`, `prod.env`; not what shows how one is written.
fn is_env(name: &[u8]) -> bool {
    const SHOWN: [&str; 9] = ["example", "sample", "template", "tmpl", "tpl", "dist", "default", "defaults", "schema"];
    let name = name.to_ascii_lowercase();
    let is_env = name == b".env" || name.starts_with(b".env.") || name.len() > 4 && name.ends_with(b".env");
    is_env
        && !name
            .split(|byte| matches!(byte, b'.' | b'-' | b'_'))
            .any(|part| SHOWN.iter().any(|shown| shown.as_bytes() == part))
}

fn is_cloud(directory: &[u8], name: &[u8]) -> bool {
    let Some(stem) = name.strip_suffix(b".json") else { return false };
    let stem = stem.to_ascii_lowercase();
    let has = |word: &str| stem.windows(word.len()).any(|part| part == word.as_bytes());
    let of_azure = directory.ends_with(b"/.azure");
    of_azure
        || has("credential")
        || has("service-account")
        || has("service_account")
        || has("serviceaccount")
        || has("client_secret")
        || ["key", "keyfile", "sa", "gcp", "gcloud", "google", "firebase", "azureauth"]
            .iter()
            .any(|word| stem == word.as_bytes())
        || stem.ends_with(b"-key")
        || stem.ends_with(b"_key")
        || has("adminsdk")
}

fn is_key(name: &[u8]) -> bool {
    let ends = |end: &str| name.len() > end.len() && name.ends_with(end.as_bytes());
    let of_ssh = name.starts_with(b"id_") && !name.contains(&b'.');
    let of_host = name.starts_with(b"ssh_host_") && ends("_key");
    of_ssh
        || of_host
        || matches!(name, b"identity" | b"secring.gpg")
        || [".pem", ".key", ".ppk", ".p8", ".pk8", ".asc"].iter().any(|end| ends(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_looked_into_and_names_that_are_not() {
        use SecretFile::*;
        for (path, wanted) in [
            ("/root/.ssh/id_ed25519", Some(Key)),
            ("/root/.ssh/id_ed25519.pub", None),
            ("/etc/ssh/ssh_host_rsa_key", Some(Key)),
            ("/etc/ssh/ssh_host_rsa_key.pub", None),
            ("/app/tls/server.pem", Some(Key)),
            ("/etc/ssl/certs/ca-certificates.crt", None),
            ("/app/.npmrc", Some(Npmrc)),
            ("/root/.aws/credentials", Some(Aws)),
            ("/app/credentials", None),
            ("/root/.docker/config.json", Some(Docker)),
            ("/app/config.json", None),
            ("/root/.kube/config", Some(Kubeconfig)),
            ("/app/config", None),
            ("/app/.env", Some(Env)),
            ("/app/.env.production", Some(Env)),
            ("/app/.env.example", None),
            ("/app/.env.local.sample", None),
            ("/app/.environment", None),
            ("/app/node_modules/x/.env", None),
            ("/app/service-account.json", Some(Cloud)),
            ("/app/package.json", None),
            ("/app/keys.json", None),
            ("/usr/lib/python3/dist-packages/certifi/cacert.pem", None),
        ] {
            assert_eq!(candidate(path.as_bytes()), wanted, "{path}");
            let name = path.rsplit('/').next().unwrap_or_default();
            assert!(wanted.is_none() || may_be_called(name.as_bytes()), "{path}");
        }
    }
}
