//! Debian's packages, as `apt-get download` fetches them.

use std::fs;
use std::process::Command;

use super::{Package, Score, fetched, layer_of};
use crate::support::npm::live;

const PACKAGES: &[Package] = &[
    Package {
        names: &["binutils-x86-64-linux-gnu", "binutils-aarch64-linux-gnu"],
        tools: "T-addr2line T-ar T-as T-c++filt T-dwp T-elfedit T-gold T-gprof T-gprofng T-ld T-ld.bfd T-ld.gold T-nm T-objcopy
                T-objdump T-ranlib T-readelf T-size T-strings T-strip",
        others: "T-gp-archive T-gp-collect-app T-gp-display-html T-gp-display-src T-gp-display-text",
    },
    Package { names: &["bin86"], tools: "ar86 as86 ld86 nm86 objdump86 size86", others: "" },
    Package { names: &["tcc"], tools: "tcc i386-tcc", others: "" },
    Package { names: &["musl-dev"], tools: "T-gcc", others: "" },
    Package { names: &["make"], tools: "make gmake", others: "make-first-existing-target" },
    Package { names: &["ninja-build"], tools: "ninja", others: "" },
    Package { names: &["meson"], tools: "meson /usr/lib/python3/dist-packages/mesonbuild", others: "" },
    // `cpp` of its modules is a script for one compiler.
    Package { names: &["cmake-data"], tools: "", others: "" },
    Package { names: &["gradle"], tools: "gradle /usr/share/gradle/bin/gradle", others: "" },
    Package { names: &["flex"], tools: "flex flex++ lex", others: "" },
    Package { names: &["gperf"], tools: "gperf", others: "" },
    Package {
        names: &["distcc"],
        tools: "distcc distccd",
        others: "distccmon-text lsdistcc update-distcc-symlinks",
    },
    Package {
        names: &["icecc"],
        tools: "icecc iceccd icerun icecc-scheduler icecc-create-env icecc-test-env
                /usr/lib/icecc/bin/c++ /usr/lib/icecc/bin/cc /usr/lib/icecc/bin/clang /usr/lib/icecc/bin/clang++
                /usr/lib/icecc/bin/g++ /usr/lib/icecc/bin/gcc /usr/lib/icecc/icecc-create-env",
        others: "",
    },
    Package { names: &["flatbuffers-compiler"], tools: "flatc", others: "" },
    Package { names: &["thrift-compiler"], tools: "thrift", others: "" },
    Package { names: &["capnproto"], tools: "capnp capnpc capnpc-c++ capnpc-capnp", others: "" },
    Package { names: &["protobuf-compiler"], tools: "protoc", others: "" },
    Package { names: &["valac-bin"], tools: "valac valac-N", others: "vala vala-N" },
    Package {
        names: &["lld-14", "lld-18", "lld-19"],
        tools: "ld.lld-N ld64.lld-N lld-N lld-link-N wasm-ld-N /usr/lib/llvm-N/bin/lld /usr/lib/llvm-N/bin/ld.lld
                /usr/lib/llvm-N/bin/ld64.lld /usr/lib/llvm-N/bin/lld-link /usr/lib/llvm-N/bin/wasm-ld",
        others: "",
    },
    Package { names: &["hipcc"], tools: "hipcc hipcc.pl", others: "hip_embed_pch.sh hipcc_cmake_linker_helper hipconfig hipconfig.pl hipdemangleatp hipvars.pm roc-obj roc-obj-extract roc-obj-ls" },
    Package { names: &["ecl"], tools: "ecl", others: "ecl-config" },
    Package {
        names: &["chicken-bin"],
        tools: "chicken csc csi chicken-install",
        others: "chicken-do chicken-profile chicken-status chicken-uninstall",
    },
    Package { names: &["guile-3.0-dev"], tools: "guild-N", others: "guile-config-N guile-snarf-N guile-tools-N" },
    Package { names: &["ocaml-dune"], tools: "dune", others: "" },
    Package { names: &["rebar"], tools: "rebar", others: "" },
    Package { names: &["rake"], tools: "rake /usr/share/rubygems-integration/all/gems/rake-N/exe/rake", others: "" },
    Package { names: &["flit"], tools: "flit /usr/lib/python3/dist-packages/flit", others: "" },
    Package { names: &["python3-pip-whl"], tools: "/usr/share/python-wheels/pip-N-py3-none-any.whl", others: "" },
    Package {
        names: &["npm"],
        tools: "npm npx /usr/share/nodejs/npm /usr/share/nodejs/npm/bin/npm /usr/share/nodejs/npm/bin/npx
                /usr/share/nodejs/npm/bin/node-gyp-bin/node-gyp
                /usr/share/nodejs/@npmcli/run-script/lib/node-gyp-bin/node-gyp",
        others: "arborist npm-arborist pacote qrcode-terminal",
    },
    Package { names: &["node-gyp"], tools: "node-gyp /usr/share/nodejs/node-gyp", others: "" },
    Package {
        names: &["yarnpkg"],
        tools: "yarnpkg /usr/share/nodejs/yarn /usr/share/nodejs/yarn/bin/yarn /usr/share/nodejs/yarn/bin/yarnpkg",
        others: "",
    },
    Package { names: &["composer"], tools: "composer", others: "" },
    Package {
        names: &["apt"],
        tools: "apt apt-cache apt-cdrom apt-config apt-get apt-key apt-mark",
        others: "",
    },
    Package { names: &["apt-utils"], tools: "", others: "apt-extracttemplates apt-ftparchive apt-sortpkgs" },
    Package {
        names: &["dpkg"],
        tools: "dpkg dpkg-deb dpkg-query dpkg-split dpkg-statoverride dpkg-trigger dpkg-divert",
        others: "dpkg-maintscript-helper dpkg-realpath dpkg-fsys-usrunmess start-stop-daemon update-alternatives",
    },
    Package { names: &["busybox"], tools: "busybox", others: "" },
    Package { names: &["dash"], tools: "dash sh", others: "" },
    Package { names: &["rsync"], tools: "rsync rsync-ssl", others: "rrsync" },
    Package { names: &["netcat-openbsd"], tools: "nc.openbsd", others: "" },
    Package { names: &["gdbserver"], tools: "gdbserver", others: "" },
    Package { names: &["cron"], tools: "", others: "cron crontab" },
    Package { names: &["initramfs-tools-core"], tools: "", others: "lsinitramfs mkinitramfs unmkinitramfs" },
];

/// Names of `apt-cache policy` that something can be installed of.
fn known(policy: &str) -> Vec<&str> {
    let mut known = Vec::new();
    let mut name = "";
    for line in policy.lines() {
        match line.trim().strip_prefix("Candidate: ") {
            Some(candidate) if candidate != "(none)" => known.push(name),
            None if !line.starts_with(' ') => name = line.trim_end_matches(':'),
            _ => {}
        }
    }
    known
}

#[test]
fn debian_packages_hold_what_is_found_in_them_and_no_more() {
    if !live("debian_packages_hold_what_is_found_in_them_and_no_more") {
        return;
    }
    let names = PACKAGES.iter().flat_map(|package| package.names);
    let Some(policy) = fetched("Debian", Command::new("apt-cache").arg("policy").args(names)) else { return };
    let policy = String::from_utf8_lossy(&policy.stdout).into_owned();
    let known = known(&policy);
    let (mut chosen, mut elsewhere) = (Vec::new(), Vec::new());
    for package in PACKAGES {
        match package.names.iter().find(|name| known.contains(name)) {
            Some(name) => chosen.push((package, *name)),
            None => elsewhere.push(package.names[0]),
        }
    }
    let directory = tempfile::tempdir().expect("a directory");
    let mut download = Command::new("apt-get");
    download.args(["-q", "download"]).args(chosen.iter().map(|(_, name)| name)).current_dir(&directory);
    if chosen.is_empty() || fetched("Debian", &mut download).is_none() {
        println!("not run: no lists of packages, or no archive");
        return;
    }
    let files: Vec<_> = fs::read_dir(&directory).expect("a directory").map(|it| it.expect("an entry").path()).collect();
    let mut score = Score::default();
    for (package, name) in chosen {
        let begins = format!("{name}_");
        let is_it =
            |path: &&std::path::PathBuf| path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&begins));
        let file = files.iter().find(is_it).unwrap_or_else(|| panic!("{name} was not downloaded"));
        score.judge(package, name, &layer_of(Command::new("dpkg-deb").arg("--fsys-tarfile").arg(file)));
    }
    if !elsewhere.is_empty() {
        println!("this archive does not have: {}", elsewhere.join(" "));
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    score.report("Debian", release.contains("VERSION_CODENAME=bookworm"));
}
