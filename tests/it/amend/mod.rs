//! Commands that edit budget files: what they write, what they leave alone, and that the next check agrees.

mod allow;
mod existing;
mod init;
mod lock;
mod ratchet;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

/// An archive with one image that runs as root and holds so many bytes, make, and a folder of git's.
fn archive(size: usize) -> Vec<u8> {
    let layer = Layer::new().zeros("usr/bin/make", 0o755, 1000).zeros("app/data", 0o644, size - 1000).dir("app/.git");
    docker_archive(&[Image::new().layer(layer).named("acme/app:1")])
}

/// Two targets over their budget, one of them in the file of its team.
fn project() -> Project {
    Project::with(
        "include = [\"services/*/budgets.toml\"]\n\n\
         [defaults]            # for all\n\
         forbid-tools = [\"@build-tools\"]\n\
         forbid-paths = [\"**/.git\"]\n\
         require-non-root = true\n\n\
         [targets.api]\n\
         archive = \"api.tar\"\n\
         max-size = \"50 kB\"   # see #12\n",
    )
    .file("services/web/budgets.toml", "[targets.web]\narchive = \"web.tar\"\nmax-size = \"1 MB\"\n# the end\n")
    .file("api.tar", archive(64_200))
    .file("services/web/web.tar", archive(70_000))
}
