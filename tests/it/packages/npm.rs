//! npm's packages, as `npm pack` fetches them, laid out as `npm install` would.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Package, Score, fetched, layer_of_directory};
use crate::support::npm::live;

const PACKAGES: &[Package] = &[
    Package {
        names: &["npm@10.8.2"],
        tools: "npm npx /usr/lib/node_modules/npm /usr/lib/node_modules/npm/bin/npm /usr/lib/node_modules/npm/bin/npx
                /usr/lib/node_modules/npm/bin/node-gyp-bin/node-gyp /usr/lib/node_modules/npm/node_modules/node-gyp
                /usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin/node-gyp",
        others: "",
    },
    Package {
        names: &["corepack@0.29.4"],
        tools: "corepack yarn yarnpkg pnpm pnpx /usr/lib/node_modules/corepack",
        others: "",
    },
    Package {
        names: &["yarn@1.22.22"],
        tools: "yarn yarnpkg /usr/lib/node_modules/yarn /usr/lib/node_modules/yarn/bin/yarn
                /usr/lib/node_modules/yarn/bin/yarnpkg",
        others: "",
    },
    Package { names: &["node-gyp@10.2.0"], tools: "node-gyp /usr/lib/node_modules/node-gyp", others: "" },
    Package { names: &["bun@1.1.30"], tools: "bun bunx /usr/lib/node_modules/bun", others: "" },
    Package {
        names: &["esbuild@0.24.0"],
        tools: "esbuild /usr/lib/node_modules/esbuild /usr/lib/node_modules/esbuild/bin/esbuild",
        others: "",
    },
    Package {
        names: &["mocha@10.7.3"],
        tools: "mocha _mocha /usr/lib/node_modules/mocha /usr/lib/node_modules/mocha/bin/_mocha",
        others: "",
    },
    Package { names: &["nodemon@3.1.7"], tools: "nodemon /usr/lib/node_modules/nodemon", others: "" },
    Package {
        names: &["ts-node@10.9.2"],
        tools: "ts-node ts-node-esm ts-node-cwd ts-node-script ts-node-transpile-only ts-script /usr/lib/node_modules/ts-node",
        others: "",
    },
    Package { names: &["eslint@9.12.0"], tools: "eslint /usr/lib/node_modules/eslint", others: "" },
    Package {
        names: &["@biomejs/biome@1.9.3"],
        tools: "biome /usr/lib/node_modules/@biomejs/biome /usr/lib/node_modules/@biomejs/biome/bin/biome",
        others: "",
    },
    // What services ship, some of it with names that are near.
    Package { names: &["express@4.21.0"], tools: "", others: "" },
    Package { names: &["semver@7.6.3"], tools: "", others: "semver" },
    Package { names: &["npm-run-path@6.0.0"], tools: "", others: "" },
    Package {
        names: &["node-gyp-build@4.8.2"],
        tools: "",
        others: "node-gyp-build node-gyp-build-optional node-gyp-build-test",
    },
    Package { names: &["which@5.0.0"], tools: "", others: "node-which" },
    Package { names: &["mkdirp@3.0.1"], tools: "", others: "mkdirp" },
];

/// Puts a package below `/usr/lib/node_modules` and links its commands, as `npm install --global` does.
fn install(tarball: &Path, root: &Path, name: &str) {
    let package = root.join("usr/lib/node_modules").join(name);
    fs::create_dir_all(&package).expect("a directory");
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(tarball).arg("-C").arg(&package).args(["--strip-components=1", "--no-same-owner"]);
    assert!(tar.status().expect("tar").success(), "{name}");
    let manifest = fs::read(package.join("package.json")).expect("a manifest");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    let own = name.rsplit('/').next().unwrap_or(name);
    let commands: Vec<(String, String)> = match &manifest["bin"] {
        Value::String(path) => vec![(own.to_owned(), path.clone())],
        Value::Object(commands) => {
            commands.iter().map(|(name, path)| (name.clone(), path.as_str().expect("a path").to_owned())).collect()
        }
        _ => Vec::new(),
    };
    fs::create_dir_all(root.join("usr/bin")).expect("a directory");
    for (command, path) in commands {
        let program = package.join(&path);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
        let target = format!("../lib/node_modules/{name}/{}", path.trim_start_matches("./"));
        symlink(target, root.join("usr/bin").join(command)).expect("a link");
    }
}

#[test]
fn npm_packages_hold_what_is_found_in_them_and_no_more() {
    if !live("npm_packages_hold_what_is_found_in_them_and_no_more") {
        return;
    }
    let mut score = Score::default();
    let directory = tempfile::tempdir().expect("a directory");
    let names = PACKAGES.iter().flat_map(|package| package.names);
    let mut pack = Command::new("npm");
    pack.args(["pack", "--json", "--ignore-scripts", "--loglevel=error"]).args(names).current_dir(&directory);
    let Some(packed) = fetched("npm", &mut pack) else { return };
    let packed: Vec<Value> = serde_json::from_slice(&packed.stdout).expect("JSON");
    assert_eq!(packed.len(), PACKAGES.len());
    for (package, packed) in PACKAGES.iter().zip(packed) {
        let (name, file) = (packed["name"].as_str().expect("a name"), packed["filename"].as_str().expect("a file"));
        let root = tempfile::tempdir().expect("a directory");
        let file = file.trim_start_matches('@').replace('/', "-");
        install(&directory.path().join(file), root.path(), name);
        score.judge(package, package.names[0], &layer_of_directory(root.path()));
    }
    score.report("npm", true);
}
