//! The search for tools: every entry of the catalogue planted, every near miss, and images as distributions ship them.

use imgbudget::catalogue::{self, Ecosystem, Tool, busybox};
use imgbudget::image::stack::Stack;
use imgbudget::image::tools::{ToolSearch, Tools};
use imgbudget::memory::Memory;

use crate::support::layers::{Layer, finish};

fn search(asked: &[&str], layers: Vec<Layer>) -> Tools {
    let layers = finish(layers);
    let mut stack = Stack::default();
    let mut search = ToolSearch::new(asked.iter().copied(), &Memory::default());
    for layer in &layers {
        stack.push(layer).expect("small enough");
        search.look(&stack).expect("room");
    }
    search.finish(&stack, &mut Memory::default().reserve()).expect("room")
}

/// `name: path @layer size [content]` for each path, sorted.
fn lines(tools: &[imgbudget::image::FoundTool]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let paths = tools.iter().flat_map(|tool| tool.paths.iter().map(move |path| (tool, path)));
    let line = |(tool, path): (&imgbudget::image::FoundTool, &imgbudget::image::FoundPath)| {
        let (at, content) = (text(&path.path), text(&path.content));
        let content = if at == content { String::new() } else { format!(" [{content}]") };
        format!("{}: {at} @{} {}{content}", tool.name, path.layer, path.size.0)
    };
    paths.map(line).collect::<Vec<_>>().join("\n")
}

fn present(layer: Layer) -> String {
    lines(&search(&[], vec![layer]).present)
}

/// Every file name that an entry of the catalogue promises to know.
fn forms(tool: &Tool) -> Vec<String> {
    let mut forms: Vec<String> = tool.aliases.iter().map(|alias| (*alias).to_owned()).collect();
    forms.push(tool.name.to_owned());
    if tool.versioned {
        forms.extend(["-12", "12", "3.12", "-1.2.3"].map(|version| format!("{}{version}", tool.name)));
    }
    if tool.cross {
        let triplets = ["x86_64-linux-gnu", "aarch64-alpine-linux-musl", "arm-none-eabi", "x86_64-redhat-linux"];
        forms.extend(triplets.map(|triplet| format!("{triplet}-{}", tool.name)));
    }
    if tool.cross && tool.versioned {
        forms.push(format!("x86_64-linux-gnu-{}-12", tool.name));
    }
    forms
}

#[test]
fn every_tool_of_the_catalogue_is_found_under_all_its_names() {
    for tool in catalogue::tools() {
        for form in forms(tool) {
            let plants = [
                ("a program", Layer::default().program(format!("opt/x/{form}"), 5)),
                ("execute for others only", {
                    let kind = imgbudget::layer::EntryKind::File { size: 5 };
                    Layer::default().entry(format!("opt/x/{form}"), kind, 0o001)
                }),
                ("a link", Layer::default().program("opt/y", 5).link(format!("opt/x/{form}"), "/opt/y")),
                ("a hard link", Layer::default().program("opt/y", 5).hard_link(format!("opt/x/{form}"), "opt/y")),
                (
                    "links through directories",
                    Layer::default()
                        .program("opt/real/y", 5)
                        .link("opt/way", "real")
                        .link("etc/z", "../opt/way/y")
                        .link(format!("opt/x/{form}"), "../../etc/z"),
                ),
            ];
            for (how, layer) in plants {
                let found = search(&[], vec![layer]).present;
                let names: Vec<_> = found.iter().map(|tool| (tool.name.as_str(), tool.family.as_str())).collect();
                assert_eq!(names, [(tool.name, tool.family)], "{form} as {how}");
                assert_eq!(found[0].paths[0].size.0, 5, "{form} as {how}");
            }
        }
        for (home, package) in tool.packages {
            let homes: &[&str] = match home {
                Ecosystem::Node => &["srv/app/node_modules", "usr/local/lib/node_modules"],
                Ecosystem::Python => &["usr/lib/python3/dist-packages", "usr/local/lib/python3.12/site-packages"],
            };
            for home in homes {
                let directory = format!("{home}/{package}");
                let found = present(Layer::default().file(format!("{directory}/deep/inside"), 7));
                assert_eq!(found, format!("{}: /{directory} @0 7", tool.name));
            }
        }
    }
}

#[test]
fn no_near_miss_of_any_tool_is_found() {
    for tool in catalogue::tools() {
        for form in forms(tool) {
            let path = format!("usr/bin/{form}");
            let misses = [
                ("not executable", Layer::default().file(&path, 5)),
                ("a directory", Layer::default().directory(&path).file(format!("{path}/README"), 1)),
                ("a dangling link", Layer::default().link(&path, "/not/there")),
                ("a link to itself", Layer::default().link(&path, &form)),
                ("a link to a directory", Layer::default().program("opt/d/y", 1).link(&path, "/opt/d")),
                ("a link to a plain file", Layer::default().file("opt/y", 1).link(&path, "/opt/y")),
                ("a hard link to a plain file", Layer::default().file("opt/y", 1).hard_link(&path, "opt/y")),
                ("a hard link to nothing", Layer::default().hard_link(&path, "opt/y")),
                ("a device", Layer::default().entry(&path, imgbudget::layer::EntryKind::Other, 0o777)),
                ("notes", Layer::default().program(format!("usr/bin/{form}-notes.txt"), 1)),
                ("documentation", Layer::default().file(format!("usr/share/doc/{form}/copyright"), 1)),
                ("a manual", Layer::default().program(format!("usr/share/man/man1/{form}.1.gz"), 1)),
                ("another case", Layer::default().program(format!("usr/bin/{}X", form.to_uppercase()), 1)),
            ];
            for (how, layer) in misses {
                assert_eq!(present(layer), "", "{form} as {how}");
            }
            if !busybox::provides(form.as_bytes()) {
                let link = Layer::default().program("bin/busybox", 1).link(&path, "/bin/busybox");
                let hard =
                    Layer::default().program("bin/[", 1).hard_link("bin/busybox", "bin/[").hard_link(&path, "bin/[");
                for layer in [link, hard] {
                    let names: Vec<_> = search(&[], vec![layer]).present.into_iter().map(|tool| tool.name).collect();
                    assert_eq!(names, ["busybox"], "{form} is no applet");
                }
            }
        }
        for (home, package) in tool.packages {
            let home = if *home == Ecosystem::Node { "srv/node_modules" } else { "usr/lib/python3/site-packages" };
            let misses = [
                Layer::default().directory(format!("{home}/{package}")),
                Layer::default().file(format!("{home}/{package}"), 1),
                Layer::default().file(format!("{home}/{package}-extra/x"), 1),
                Layer::default().file(format!("srv/modules/{package}/x"), 1),
            ];
            for layer in misses {
                assert_eq!(present(layer), "", "{package}");
            }
        }
    }
    let makefile = Layer::default().program("srv/makefile", 1).program("srv/Makefile", 1).program("usr/bin/python3", 1);
    assert_eq!(present(makefile), "");
}

#[test]
fn alpine_applets_are_what_busybox_has() {
    let alpine = Layer::default()
        .program("bin/busybox", 800)
        .link("bin/sh", "/bin/busybox")
        .link("usr/bin/wget", "/bin/busybox")
        .link("usr/bin/vi", "/bin/busybox")
        .link("usr/bin/make", "/bin/busybox")
        .link("usr/bin/terraform", "/bin/busybox")
        .program("sbin/apk", 60);
    let found = search(&["terraform", "vi", "wget"], vec![alpine]);
    insta::assert_snapshot!(lines(&found.present), @r"
    apk: /sbin/apk @0 60
    busybox: /bin/busybox @0 800
    sh: /bin/sh @0 800 [/bin/busybox]
    vi: /usr/bin/vi @0 800 [/bin/busybox]
    wget: /usr/bin/wget @0 800 [/bin/busybox]
    ");
}

/// The official node image: npm and npx are links into one package.
fn node() -> Layer {
    Layer::default()
        .program("usr/local/bin/node", 100_000)
        .program("usr/local/lib/node_modules/npm/bin/npm-cli.js", 50)
        .program("usr/local/lib/node_modules/npm/bin/npx-cli.js", 40)
        .file("usr/local/lib/node_modules/npm/lib/npm.js", 10_000)
        .program("usr/local/lib/node_modules/corepack/dist/corepack.js", 900)
        .link("usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js")
        .link("usr/local/bin/npx", "../lib/node_modules/npm/bin/npx-cli.js")
        .link("usr/local/bin/corepack", "../lib/node_modules/corepack/dist/corepack.js")
}

#[test]
fn npm_and_npx_share_the_bytes_of_their_package() {
    insta::assert_snapshot!(lines(&search(&[], vec![node()]).present), @r"
    corepack: /usr/local/bin/corepack @0 900 [/usr/local/lib/node_modules/corepack]
    corepack: /usr/local/lib/node_modules/corepack @0 900
    npm: /usr/local/bin/npm @0 10090 [/usr/local/lib/node_modules/npm]
    npm: /usr/local/lib/node_modules/npm @0 10090
    npx: /usr/local/bin/npx @0 10090 [/usr/local/lib/node_modules/npm]
    ");
}

#[test]
fn a_program_inside_another_package_is_only_itself() {
    let modules = "usr/local/lib/node_modules";
    let inside = node()
        .program(format!("{modules}/npm/node_modules/node-gyp/bin/node-gyp.js"), 300)
        .file(format!("{modules}/npm/node_modules/node-gyp/lib/build.js"), 20)
        .link(format!("{modules}/npm/node_modules/.bin/node-gyp"), "../node-gyp/bin/node-gyp.js")
        .program(format!("{modules}/npm/bin/node-gyp-bin/node-gyp"), 7)
        .program(format!("{modules}/corepack/shims/npm"), 276)
        .program(format!("{modules}/corepack/shims/nodewin/pnpm"), 276)
        .program(format!("{modules}/corepack/dist/pnpm.js"), 200)
        .program(format!("{modules}/corepack/dist/yarn.js"), 210)
        // `corepack enable` for pnpm alone.
        .link("usr/local/bin/pnpm", "../lib/node_modules/corepack/dist/pnpm.js");
    insta::assert_snapshot!(lines(&search(&["node-gyp"], vec![inside]).present), @"
    corepack: /usr/local/bin/corepack @0 1862 [/usr/local/lib/node_modules/corepack]
    corepack: /usr/local/lib/node_modules/corepack @0 1862
    node-gyp: /usr/local/lib/node_modules/npm/bin/node-gyp-bin/node-gyp @0 7
    node-gyp: /usr/local/lib/node_modules/npm/node_modules/.bin/node-gyp @0 300 [/usr/local/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js]
    npm: /usr/local/bin/npm @0 10444 [/usr/local/lib/node_modules/npm]
    npm: /usr/local/lib/node_modules/npm @0 10444
    npx: /usr/local/bin/npx @0 10444 [/usr/local/lib/node_modules/npm]
    pnpm: /usr/local/bin/pnpm @0 200 [/usr/local/lib/node_modules/corepack/dist/pnpm.js]
    ");
}

#[test]
fn helpers_of_a_distribution_are_no_commands() {
    let debian = Layer::default()
        .program("usr/lib/apt/methods/ftp", 1)
        .program("etc/cron.daily/dpkg", 1)
        .program("usr/share/bug/dpkg", 1)
        .link("usr/share/bash-completion/completions/gcc", "/usr/lib/apt/methods/ftp")
        .program("etc/cron.daily/terraform", 1);
    assert_eq!(lines(&search(&["terraform"], vec![debian]).present), "");
    let near = Layer::default().program("usr/lib/apt/ftp", 1).program("opt/etc/cron.daily/dpkg", 1);
    assert_eq!(present(near), "dpkg: /opt/etc/cron.daily/dpkg @0 1\nftp: /usr/lib/apt/ftp @0 1");
}

#[test]
fn a_package_came_with_its_directory_whoever_owns_it_later() {
    let modules = Layer::default()
        .program("app/node_modules/typescript/bin/tsc", 10)
        .file("app/node_modules/typescript/lib/tsc.js", 5000)
        .link("app/node_modules/.bin/tsc", "../typescript/bin/tsc");
    let chown = Layer::default()
        .directory("app/node_modules/typescript")
        .program("app/node_modules/typescript/bin/tsc", 10)
        .file("app/node_modules/typescript/lib/tsc.js", 5000)
        .link("app/node_modules/.bin/tsc", "../typescript/bin/tsc");
    insta::assert_snapshot!(lines(&search(&[], vec![Layer::default(), modules, chown]).present), @"
    typescript: /app/node_modules/.bin/tsc @1 5010 [/app/node_modules/typescript]
    typescript: /app/node_modules/typescript @1 5010
    typescript: /app/node_modules/typescript/bin/tsc @1 5010 [/app/node_modules/typescript]
    ");
}

#[test]
fn deleted_tools_are_shadowed_and_deleted_commands_leave_their_package() {
    let gone = Layer::default().whiteout("usr/local/lib/node_modules/npm").whiteout("usr/local/bin/corepack");
    let found = search(&[], vec![node(), gone]);
    insta::assert_snapshot!(lines(&found.present), @"corepack: /usr/local/lib/node_modules/corepack @0 900");
    insta::assert_snapshot!(lines(&found.shadowed), @r"
    npm: /usr/local/bin/npm @0 10090 [/usr/local/lib/node_modules/npm]
    npm: /usr/local/lib/node_modules/npm @0 10090
    npx: /usr/local/bin/npx @0 10090 [/usr/local/lib/node_modules/npm]
    ");
}

#[test]
fn a_tool_that_is_still_somewhere_is_not_shadowed() {
    let layers = vec![
        Layer::default().program("usr/bin/gcc-12", 10).program("usr/bin/make", 3),
        Layer::default().whiteout("usr/bin/gcc-12").program("usr/bin/gcc-13", 20).whiteout("usr/bin/make"),
    ];
    let found = search(&[], layers);
    assert_eq!(lines(&found.present), "gcc: /usr/bin/gcc-13 @1 20");
    assert_eq!(lines(&found.shadowed), "make: /usr/bin/make @0 3");
}

#[test]
fn replaced_emptied_and_chmodded_tools_are_shadowed() {
    let layers = vec![
        Layer::default().program("opt/a/gcc", 1).program("usr/bin/make", 2).program("usr/bin/curl", 3),
        Layer::default().opaque("opt/a").directory("usr/bin/make").file("usr/bin/curl", 3),
    ];
    let found = search(&[], layers);
    assert_eq!(lines(&found.present), "");
    assert_eq!(lines(&found.shadowed), "curl: /usr/bin/curl @0 3\ngcc: /opt/a/gcc @0 1\nmake: /usr/bin/make @0 2");
}

#[test]
fn a_link_made_whole_and_broken_by_later_layers() {
    let layers = vec![
        Layer::default().link("usr/bin/cc", "/etc/alternatives/cc"),
        Layer::default().link("etc/alternatives/cc", "/opt/compiler").program("opt/compiler", 9),
        Layer::default().whiteout("opt/compiler"),
    ];
    let found = search(&[], layers);
    assert_eq!(lines(&found.present), "");
    assert_eq!(
        lines(&found.shadowed),
        "cc: /etc/alternatives/cc @1 9 [/opt/compiler]\ncc: /usr/bin/cc @1 9 [/opt/compiler]"
    );
}

#[test]
fn commands_that_the_catalogue_does_not_know_are_found_by_name_and_version() {
    let layer =
        || Layer::default().program("opt/terraform", 1).program("opt/terraform-1.5", 2).file("srv/terraform", 3);
    assert_eq!(
        lines(&search(&["terraform", "gcc"], vec![layer()]).present),
        "terraform: /opt/terraform @0 1\nterraform: /opt/terraform-1.5 @0 2"
    );
    assert_eq!(lines(&search(&[], vec![layer()]).present), "");
}
