//! The search for tools: every entry of the catalogue planted, every near miss, and images as distributions ship them.

use imgbudget::catalogue::{self, Ecosystem, Tool};
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
        let layer = path.layer.expect("a layer");
        format!("{}: {at} @{layer} {}{content}", tool.name, path.size.0)
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
    forms.extend(["-12", "-1.2.3", "_5.10"].map(|version| format!("{}{version}", tool.name)));
    if !tool.name.ends_with(|last: char| last.is_ascii_digit()) {
        forms.extend(["12", "3.12", "3.13t"].map(|version| format!("{}{version}", tool.name)));
    }
    // With a triplet before it, that is gcc for musl.
    if tool.name != "musl-gcc" {
        let triplets = ["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-alpine-linux-musl", "arm-none-eabi", "avr"];
        forms.extend(triplets.map(|triplet| format!("{triplet}-{}", tool.name)));
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
        for archive in tool.archives {
            let found = present(Layer::default().file(format!("srv/{archive}"), 7));
            assert_eq!(found, format!("{}: /srv/{archive} @0 7", tool.name));
        }
        for (home, package) in tool.packages {
            let homes: &[&str] = match home {
                Ecosystem::Node => &["srv/app/node_modules", "usr/local/lib/node_modules", "usr/share/nodejs"],
                Ecosystem::Python => &["usr/lib/python3/dist-packages", "usr/local/lib/python3.12/site-packages"],
                Ecosystem::DotNet => continue,
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
fn applets_are_told_from_programs_and_belong_to_busybox() {
    let alpine = Layer::default()
        .program("bin/busybox", 800)
        .link("bin/sh", "/bin/busybox")
        .link("usr/bin/wget", "/bin/busybox")
        .program("usr/local/bin/wget", 90)
        .hard_link("usr/bin/vi", "bin/busybox")
        .program("sbin/apk", 60);
    let found = search(&["vi"], vec![alpine]).present;
    let told = found.iter().map(|tool| format!("{} {} {}", tool.name, tool.family, tool.applet));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "apk apk false",
            "busybox busybox false",
            "sh busybox true",
            "vi busybox true",
            "wget wget false",
            "wget busybox true"
        ]
    );
    insta::assert_snapshot!(lines(&found), @"
    apk: /sbin/apk @0 60
    busybox: /bin/busybox @0 800
    sh: /bin/sh @0 800 [/bin/busybox]
    vi: /usr/bin/vi @0 800 [/bin/busybox]
    wget: /usr/local/bin/wget @0 90
    wget: /usr/bin/wget @0 800 [/bin/busybox]
    ");
}

#[test]
fn what_busybox_does_not_know_is_no_applet_whoever_is_called_busybox() {
    // gcc under another name: called by its link, it compiles.
    let hidden = Layer::default().program("bin/busybox", 900_000).link("usr/bin/gcc", "/bin/busybox");
    let found = search(&["terraform"], vec![hidden.link("usr/bin/terraform", "../../bin/busybox")]).present;
    let told: Vec<_> = found.iter().map(|tool| (tool.name.as_str(), tool.applet)).collect();
    assert_eq!(told, [("busybox", false), ("gcc", false), ("terraform", false)]);
}

#[test]
fn a_deleted_applet_leaves_no_bytes_behind() {
    let alpine =
        || Layer::default().program("bin/busybox", 800).link("bin/sh", "busybox").link("usr/bin/wget", "/bin/busybox");
    let unlinked = search(&[], vec![alpine(), Layer::default().whiteout("usr/bin/wget")]);
    assert_eq!(lines(&unlinked.shadowed), "");
    let all = Layer::default().whiteout("usr/bin/wget").whiteout("bin/busybox").whiteout("bin/sh");
    assert_eq!(
        lines(&search(&[], vec![alpine(), all]).shadowed),
        "busybox: /bin/busybox @0 800\nsh: /bin/sh @0 800 [/bin/busybox]\nwget: /usr/bin/wget @0 800 [/bin/busybox]"
    );
}

#[test]
fn the_dotnet_sdk_is_told_from_a_runtime() {
    let runtime = || {
        Layer::default()
            .program("usr/share/dotnet/dotnet", 70)
            .file("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/System.dll", 900)
            .link("usr/bin/dotnet", "../share/dotnet/dotnet")
    };
    assert_eq!(present(runtime()), "");
    assert_eq!(present(runtime().file("usr/share/dotnet/sdk/NuGetFallbackFolder/x", 1)), "");
    assert_eq!(present(runtime().file("opt/android/sdk/34.0.0/package.xml", 1)), "");
    let sdk = runtime()
        .file("usr/share/dotnet/sdk/8.0.100/dotnet.dll", 9)
        .file("usr/share/dotnet/sdk/8.0.100/MSBuild.dll", 30);
    assert_eq!(present(sdk), "dotnet-sdk: /usr/share/dotnet/sdk/8.0.100 @0 39");
    let by_name = search(&["dotnet"], vec![runtime()]);
    assert_eq!(
        lines(&by_name.present),
        "dotnet: /usr/bin/dotnet @0 70 [/usr/share/dotnet/dotnet]\ndotnet: /usr/share/dotnet/dotnet @0 70"
    );
}

#[test]
fn pip_is_found_where_the_standard_library_keeps_it() {
    let bundled = "usr/local/lib/python3.12/ensurepip/_bundled";
    let python = Layer::default()
        .file(format!("{bundled}/pip-24.0-py3-none-any.whl"), 2_000)
        .file(format!("{bundled}/setuptools-65.5.0-py3-none-any.whl"), 1_000);
    assert_eq!(present(python), format!("pip: /{bundled}/pip-24.0-py3-none-any.whl @0 2000"));
}

#[test]
fn what_go_runs_is_go_without_the_command() {
    let tool = "usr/local/go/pkg/tool/linux_amd64";
    let go = Layer::default().program(format!("{tool}/compile"), 20).program(format!("{tool}/vet"), 3);
    assert_eq!(present(go.program("usr/bin/link", 1)), format!("go: /{tool}/compile @0 20"));
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
fn a_program_inside_a_package_is_the_package_where_it_is_of_its_family() {
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
    insta::assert_snapshot!(lines(&search(&[], vec![inside]).present), @"
    corepack: /usr/local/bin/corepack @0 1862 [/usr/local/lib/node_modules/corepack]
    corepack: /usr/local/lib/node_modules/corepack @0 1862
    node-gyp: /usr/local/lib/node_modules/npm/bin/node-gyp-bin/node-gyp @0 10444 [/usr/local/lib/node_modules/npm]
    node-gyp: /usr/local/lib/node_modules/npm/node_modules/.bin/node-gyp @0 10444 [/usr/local/lib/node_modules/npm]
    node-gyp: /usr/local/lib/node_modules/npm/node_modules/node-gyp @0 10444 [/usr/local/lib/node_modules/npm]
    npm: /usr/local/bin/npm @0 10444 [/usr/local/lib/node_modules/npm]
    npm: /usr/local/lib/node_modules/npm @0 10444
    npx: /usr/local/bin/npx @0 10444 [/usr/local/lib/node_modules/npm]
    pnpm: /usr/local/bin/pnpm @0 200 [/usr/local/lib/node_modules/corepack/dist/pnpm.js]
    ");
}

#[test]
fn helpers_of_a_distribution_are_no_commands() {
    let debian = Layer::default()
        .program("usr/lib/apt/methods/ftp", 150_000)
        .program("usr/lib/apt/solvers/apt", 27_000)
        .program("etc/cron.daily/dpkg", 1)
        .program("etc/init.d/rsync", 4_417)
        .link("etc/runlevels/default/distccd", "/etc/init.d/distccd")
        .program("etc/init.d/distccd", 2_000)
        .program("usr/share/bug/dpkg", 1)
        .program("usr/share/cmake-3.25/Modules/Compiler/XL-Fortran/cpp", 633)
        .link("usr/share/bash-completion/completions/gcc", "/etc/cron.daily/dpkg")
        .program("etc/cron.daily/terraform", 1);
    assert_eq!(lines(&search(&["terraform"], vec![debian]).present), "");
    let near = Layer::default().program("usr/lib/apt/ftp", 1).program("opt/etc/cron.daily/dpkg", 1);
    assert_eq!(present(near), "dpkg: /opt/etc/cron.daily/dpkg @0 1\nftp: /usr/lib/apt/ftp @0 1");
}

#[test]
fn directories_of_helpers_hide_nothing() {
    for directory in [
        "etc/init.d",
        "etc/cron.daily",
        "etc/periodic/daily",
        "usr/share/bug",
        "usr/share/doc/x/examples",
        "usr/lib/apt/methods",
    ] {
        // The driver alone is a megabyte; a script of that name has no place among the methods of apt.
        let compiler = Layer::default().program(format!("{directory}/gcc"), 1_000_000);
        assert_eq!(present(compiler), format!("gcc: /{directory}/gcc @0 1000000"));
        let link = Layer::default().program("opt/notes", 1_000_000).link(format!("{directory}/gcc"), "/opt/notes");
        assert_eq!(present(link), format!("gcc: /{directory}/gcc @0 1000000 [/opt/notes]"));
    }
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
