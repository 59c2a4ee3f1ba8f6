//! Caches: directories whose content their tool fetches or makes again.
//!
//! What a program may load while it runs is not among them, whatever its directory is called: browsers of Playwright, models of Hugging
//! Face, launchers of Coursier, the virtual environments of Poetry, Yarn's `.yarn/cache` that Plug'n'Play loads from.

/// For lists: what is found.
pub(super) const MEMBERS: &[&str] = &[
    "apt", "apk", "dnf", "pip", "npm", "yarn", "pnpm", "go", "cargo", "maven", "gradle", "composer", "gem", "ccache",
    "…",
];

/// A kind of cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cache {
    /// Whose it is.
    pub tool: &'static str,
    /// Where it is: an absolute path, or the end of one.
    pub at: &'static str,
    /// What tells it from a directory that is only called so: one of these is in it. Empty where the path says enough.
    pub has: &'static [&'static str],
    /// The same beside it.
    pub beside: &'static [&'static str],
    /// What to do, with `{}` for its path.
    pub fix: &'static str,
}

const MOUNT: &str = "RUN --mount=type=cache,target={}";

const fn cache(tool: &'static str, at: &'static str) -> Cache {
    Cache { tool, at, has: &[], beside: &[], fix: MOUNT }
}

impl Cache {
    const fn has(self, has: &'static [&'static str]) -> Self {
        Self { has, ..self }
    }

    const fn beside(self, beside: &'static [&'static str]) -> Self {
        Self { beside, ..self }
    }

    const fn fix(self, fix: &'static str) -> Self {
        Self { fix, ..self }
    }
}

const IGNORE: &str = "add {name} to .dockerignore";

/// Every kind.
pub const CACHES: &[Cache] = &[
    cache("apt", "/var/lib/apt/lists").fix("end the RUN with && rm -rf /var/lib/apt/lists/*"),
    cache("apt", "/var/cache/apt").fix("end the RUN with && apt-get clean"),
    cache("apk", "/var/cache/apk").fix("apk add --no-cache"),
    cache("apk", "/etc/apk/cache").fix("apk add --no-cache"),
    cache("dnf", "/var/cache/dnf").fix("end the RUN with && dnf clean all"),
    cache("dnf", "/var/cache/libdnf5").fix("end the RUN with && dnf clean all"),
    cache("yum", "/var/cache/yum").fix("end the RUN with && yum clean all"),
    cache("tdnf", "/var/cache/tdnf").fix("end the RUN with && tdnf clean all"),
    cache("zypper", "/var/cache/zypp").fix("end the RUN with && zypper clean --all"),
    cache("pacman", "/var/cache/pacman/pkg").fix("end the RUN with && pacman -Scc --noconfirm"),
    cache("pip", ".cache/pip").fix("pip install --no-cache-dir"),
    cache("pipenv", ".cache/pipenv"),
    // Beside them are its virtual environments.
    cache("poetry", ".cache/pypoetry/cache"),
    cache("poetry", ".cache/pypoetry/artifacts"),
    cache("uv", ".cache/uv"),
    cache("conda", "pkgs")
        .has(&["urls.txt", "urls"])
        .beside(&["conda-meta"])
        .fix("end the RUN with && conda clean -afy"),
    cache("npm", "_cacache").has(&["content-v2", "index-v5"]),
    cache("yarn", ".cache/yarn").fix("end the RUN with && yarn cache clean"),
    cache("yarn", ".yarn/berry/cache").fix("end the RUN with && yarn cache clean"),
    cache("pnpm", ".local/share/pnpm/store"),
    cache("pnpm", ".pnpm-store"),
    cache("pnpm", ".cache/pnpm"),
    cache("bun", ".bun/install/cache"),
    cache("node-gyp", ".cache/node-gyp"),
    cache("node-gyp", ".node-gyp"),
    cache("babel, webpack", "node_modules/.cache").fix("delete {} in the RUN that builds"),
    cache("parcel", ".parcel-cache").fix("delete {} in the RUN that builds"),
    cache("next", ".next/cache/webpack").fix("delete {} in the RUN that builds"),
    cache("go", ".cache/go-build"),
    cache("go", "pkg/mod").has(&["cache"]),
    cache("cargo", ".cargo/registry").has(&["cache", "index", "src"]),
    cache("cargo", "cargo/registry").has(&["cache", "index", "src"]),
    cache("cargo", ".cargo/git").has(&["db", "checkouts"]),
    cache("cargo", "cargo/git").has(&["db", "checkouts"]),
    cache("sccache", ".cache/sccache"),
    cache("ccache", ".ccache"),
    cache("ccache", ".cache/ccache"),
    cache("maven", ".m2/repository"),
    cache("gradle", ".gradle/caches"),
    cache("gradle", ".gradle/wrapper/dists"),
    cache("ivy", ".ivy2/cache"),
    cache("composer", ".composer/cache"),
    cache("composer", ".cache/composer"),
    cache("gem", "cache").beside(&["specifications"]).fix("end the RUN with && rm -rf {}/*"),
    cache("bundler", ".bundle/cache").has(&["compact_index"]),
    cache("hex", ".hex/packages"),
    cache("nuget", ".local/share/NuGet/v3-cache"),
    cache("nuget", ".local/share/NuGet/http-cache"),
    cache("mypy", ".mypy_cache").fix(IGNORE),
    cache("pytest", ".pytest_cache").fix(IGNORE),
    cache("ruff", ".ruff_cache").fix(IGNORE),
];

/// Kinds of cache that a directory may be, by its absolute path alone.
pub fn at(path: &[u8]) -> impl Iterator<Item = &'static Cache> {
    CACHES.iter().filter(move |cache| cache.is_at(path))
}

/// Whether a directory called so may be a cache: a quick look before the path is made.
pub fn may_be_called(name: &[u8]) -> bool {
    CACHES.iter().any(|cache| cache.at.rsplit('/').next().is_some_and(|last| last.as_bytes() == name))
}

impl Cache {
    fn is_at(&self, path: &[u8]) -> bool {
        if self.at.starts_with('/') {
            return path == self.at.as_bytes();
        }
        path.strip_suffix(self.at.as_bytes()).is_some_and(|above| above.ends_with(b"/"))
    }
}
