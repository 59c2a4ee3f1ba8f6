//! What the files call a registry, or a part of one.
//!
//! Docker keeps a login for each host, under its name or under an address of it (docs.docker.com, `docker login`). Podman may keep
//! one for a part of a host's repositories, too: `registry.example.com/team` (containers-auth.json.5).

/// Docker Hub's name in references.
pub const HUB: &str = "docker.io";
/// Docker Hub's name in `config.json`, for helpers, and in `X-Registry-Config`.
pub const HUB_KEY: &str = "https://index.docker.io/v1/";
/// The name by which BuildKit asks for Docker Hub's login.
pub const HUB_HOST: &str = "registry-1.docker.io";

/// What `config.json` and helpers call a registry.
#[must_use]
pub fn key(registry: &str) -> &str {
    if registry == HUB { HUB_KEY } else { registry }
}

/// The host of a key, which may be a whole address: `https://registry.example.com/v1/`.
pub(super) fn host(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    match rest.split('/').next().unwrap_or(rest) {
        "index.docker.io" | HUB_HOST => HUB,
        host => host,
    }
}

/// How well a key fits a repository of `registry`: by the length of the part that it names; `None` when it is for something else.
/// The host alone fits all, and any address of it that clients write.
pub(super) fn fit(key: &str, registry: &str, repository: &str) -> Option<usize> {
    if host(key) != registry {
        return None;
    }
    let is_address = key.starts_with("https://") || key.starts_with("http://");
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let namespace = rest.split_once('/').map_or("", |(_, path)| path).trim_end_matches('/');
    if is_address || matches!(namespace, "" | "v1" | "v2") {
        return Some(0);
    }
    let below = repository.strip_prefix(namespace)?;
    (below.is_empty() || below.starts_with('/')).then_some(namespace.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_a_host_or_a_part_of_it() {
        let fits = |key: &str| fit(key, "r.example.com", "team/app");
        for whole in ["r.example.com", "r.example.com/", "https://r.example.com/v2/", "http://r.example.com/x"] {
            assert_eq!(fits(whole), Some(0), "{whole}");
        }
        assert_eq!(fits("r.example.com/team"), Some(4));
        assert_eq!(fits("r.example.com/team/app"), Some(8));
        for other in
            ["r.example.com/te", "r.example.com/team/app/x", "r.example.com/other", "r.example.com:5000", "e.com"]
        {
            assert_eq!(fits(other), None, "{other}");
        }
    }

    #[test]
    fn docker_hub_has_several_names() {
        for hub in ["docker.io", HUB_KEY, "index.docker.io", "registry-1.docker.io", "https://registry-1.docker.io/v2/"]
        {
            assert_eq!(fit(hub, HUB, "library/app"), Some(0), "{hub}");
        }
        assert_eq!(fit("docker.io/acme", HUB, "acme/app"), Some(4));
    }
}
