//! PyPI's packages, as `pip install --target` lays them out: wheels alone, of which nothing is run.

use std::path::Path;
use std::process::Command;

use super::{Package, Score, fetched, layer_of_directory};
use crate::support::npm::live;

/// What is installed together. `poetry-core` has a directory that is called as poetry's, so it is not beside poetry.
const PACKAGES: &[Package] = &[
    Package {
        names: &[
            "pip==24.0",
            "flit==3.9.0",
            "poetry==1.8.3",
            "hatch==1.12.0",
            "build==1.2.2",
            "meson==1.5.2",
            "ninja==1.11.1.1",
            "virtualenv==20.26.6",
        ],
        tools:
            "/srv/site-packages/pip /srv/site-packages/bin/pip /srv/site-packages/bin/pip3 /srv/site-packages/bin/pipN
                /srv/site-packages/flit /srv/site-packages/bin/flit
                /srv/site-packages/poetry/console /srv/site-packages/bin/poetry
                /srv/site-packages/hatch /srv/site-packages/bin/hatch
                /srv/site-packages/bin/pyproject-build
                /srv/site-packages/mesonbuild /srv/site-packages/bin/meson
                /srv/site-packages/ninja /srv/site-packages/bin/ninja /srv/site-packages/ninja/data/bin/ninja
                /srv/site-packages/virtualenv /srv/site-packages/bin/virtualenv
                /srv/site-packages/virtualenv/seed/wheels/embed/pip-N-py3-none-any.whl",
        others: "",
    },
    // Libraries of the tools above, and what services ship.
    Package {
        names: &[
            "poetry-core==1.9.0",
            "flit_core==3.9.0",
            "packaging==24.1",
            "click==8.1.7",
            "gunicorn==23.0.0",
            "setuptools==75.1.0",
        ],
        tools: "",
        others: "",
    },
];

/// Puts packages below `/srv/site-packages`; `false` where no registry answers.
fn install(packages: &[&str], root: &Path) -> bool {
    let mut pip = Command::new("pip");
    pip.args(["install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:", "--disable-pip-version-check"])
        .args(["--no-input", "--no-warn-script-location", "--target"])
        .arg(root.join("srv/site-packages"))
        .args(packages);
    fetched("PyPI", &mut pip).is_some()
}

#[test]
fn pypi_packages_hold_what_is_found_in_them_and_no_more() {
    if !live("pypi_packages_hold_what_is_found_in_them_and_no_more") {
        return;
    }
    let mut score = Score::default();
    for package in PACKAGES {
        let root = tempfile::tempdir().expect("a directory");
        if !install(package.names, root.path()) {
            return;
        }
        score.judge(package, &package.names.join(" "), &layer_of_directory(root.path()));
    }
    score.report("PyPI", true);
}
