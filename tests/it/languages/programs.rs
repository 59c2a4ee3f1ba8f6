//! `go version -m` and `strip` on programs that were built here, and on some that come with the system.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use imgbudget::layer::{Program, program};
use tempfile::TempDir;

use super::{contents_of, lines, text, told};

fn looked(path: &Path) -> Program {
    let mut file = fs::File::open(path).expect("a file");
    let size = file.metadata().expect("a file").len();
    program::look(&mut file, size).expect("it can be read").expect("it is ELF")
}

/// A program of C with some code, built so.
fn built(directory: &Path, name: &str, arguments: &[&str]) -> Option<PathBuf> {
    let source = directory.join("a.c");
    let functions =
        (0..3000).map(|number| format!("int function_number_{number}(int it) {{ return it + {number}; }}\n"));
    fs::write(&source, functions.chain(["int main(void) { return 0; }\n".to_owned()]).collect::<String>())
        .expect("a file");
    let path = directory.join(name);
    told("programs of C", Command::new("gcc").arg("-o").arg(&path).arg(&source).args(arguments))?;
    Some(path)
}

/// A program of Go with a dependency that is replaced.
fn built_by_go(directory: &Path, name: &str, flags: &str) -> Option<PathBuf> {
    let write = |path: &str, content: &str| {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    };
    write(
        "go/go.mod",
        "module example.com/app\n\ngo 1.18\n\nrequire example.com/greet v1.2.3\n\nreplace example.com/greet v1.2.3 => ./greet\n",
    );
    write("go/main.go", "package main\n\nimport \"example.com/greet\"\n\nfunc main() { greet.Hello() }\n");
    write("go/greet/go.mod", "module example.com/greet\n\ngo 1.18\n");
    write("go/greet/greet.go", "package greet\n\nimport \"fmt\"\n\nfunc Hello() { fmt.Println(\"hello\") }\n");
    let path = directory.join(name);
    let mut go = Command::new("go");
    go.current_dir(directory.join("go")).args(["build", "-buildvcs=false", flags, "-o"]).arg(&path).arg(".");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-cache");
    go.env("GOCACHE", cache).env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=mod").env("GOPROXY", "off");
    told("programs of Go", &mut go)?;
    Some(path)
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

#[test]
fn strip_frees_what_is_said() {
    let directory = folder();
    let at = directory.path();
    let own = std::env::current_exe().expect("it runs");
    let c = [
        built(at, "plain", &[]),
        built(at, "debug", &["-g"]),
        built(at, "compressed", &["-g", "-gz"]),
        built(at, "fixed", &["-g", "-no-pie"]),
        built(at, "static", &["-g", "-static"]),
        built(at, "static-pie", &["-g", "-static-pie"]),
    ];
    let go = [built_by_go(at, "server", "-ldflags=")];
    for path in c.into_iter().chain(go).flatten().chain([own]) {
        let stripped = at.join("stripped");
        let Some(_) = told("what strip frees", Command::new("strip").arg("-o").arg(&stripped).arg(&path)) else {
            return;
        };
        let size = |path: &Path| fs::metadata(path).expect("a file").len();
        let freed = size(&path) - size(&stripped);
        let program = looked(&path);
        let said = program.symbols;
        // What strip lays out anew differs by the padding between what stays.
        assert!(said.abs_diff(freed) <= 4096 + freed / 200, "{}: {said} is said, {freed} is freed", path.display());
        assert!(program.is_program, "{}: {program:?}", path.display());
        assert_eq!(looked(&stripped).symbols, 0, "{}", path.display());
    }
}

#[test]
fn what_is_not_a_program_and_what_strip_would_break_frees_nothing() {
    let directory = folder();
    let at = directory.path();
    let library = built(at, "libx.so", &["-g", "-shared", "-fPIC", "-Wl,-soname,libx.so.1"]);
    let plugin = built(at, "plugin.so", &["-g", "-shared", "-fPIC"]);
    let object = built(at, "a.o", &["-g", "-c"]);
    for path in [library, plugin, object].into_iter().flatten() {
        assert!(!looked(&path).is_program, "{}", path.display());
    }
    let Some(debug) = built(at, "debug", &["-g"]) else { return };
    let apart = at.join("debug.debug");
    let Some(_) = told("debug files", Command::new("objcopy").arg("--only-keep-debug").args([&debug, &apart])) else {
        return;
    };
    assert!(!looked(&apart).is_program && looked(&apart).symbols == 0);
    let payload = at.join("payload");
    fs::write(&payload, vec![7; 200_000]).expect("a file");
    let carrier = at.join("carrier");
    let section = format!("pydata={}", payload.display());
    told("sections", Command::new("objcopy").args(["--add-section", &section]).args([&debug, &carrier]))
        .expect("objcopy");
    assert_eq!(looked(&carrier).symbols, 0);
    let mut appended = fs::read(&debug).expect("a file");
    appended.extend_from_slice(&[7; 1000]);
    fs::write(&carrier, appended).expect("a file");
    assert_eq!(looked(&carrier).symbols, 0);
}

#[test]
fn go_says_the_same_of_its_programs() {
    let directory = folder();
    let image = folder();
    let bin = image.path().join("usr/local/bin");
    fs::create_dir_all(&bin).expect("a folder");
    let mut programs: Vec<PathBuf> =
        ["/usr/bin/docker-registry", "/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/bin/containerd"]
            .map(PathBuf::from)
            .into_iter()
            .filter(|path| path.exists())
            .collect();
    for (name, flags) in [("server", "-ldflags="), ("small", "-ldflags=-s -w")] {
        let Some(path) = built_by_go(directory.path(), name, flags) else { return };
        programs.push(path);
    }
    let mut truth = Vec::new();
    for path in &programs {
        let to = bin.join(path.file_name().expect("a name"));
        fs::copy(path, &to).expect("a copy");
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).expect("a mode");
        let listed = told("modules of Go", Command::new("go").args(["version", "-m"]).arg(&to)).expect("go");
        let listed = String::from_utf8(listed).expect("UTF-8");
        let name = to.file_name().expect("a name").to_string_lossy().into_owned();
        let mut modules: Vec<String> = Vec::new();
        for line in listed.lines() {
            match line.split('\t').skip(1).collect::<Vec<_>>().as_slice() {
                ["mod" | "dep", path, version, ..] => modules.push(format!("{name} {path} {version}")),
                ["mod" | "dep", path] => modules.push(format!("{name} {path} ")),
                ["=>", path, version, ..] if !version.is_empty() => {
                    modules.pop();
                    modules.push(format!("{name} {path} {version}"));
                }
                // A directory in place of a module has no version.
                ["=>", ..] => {
                    let replaced = modules.pop().unwrap_or_default();
                    modules.push(format!("{} ", replaced.rsplit_once(' ').expect("a version").0));
                }
                _ => {}
            }
        }
        let go = listed.lines().next().and_then(|line| line.rsplit_once(": go")).expect("a version").1;
        modules.push(format!("{name} stdlib {go}"));
        truth.extend(modules.into_iter().map(|line| line.replace(" (devel)", " ")));
    }
    truth.sort();
    let contents = contents_of(image.path());
    let found = lines(&contents, "go", |it| {
        let name = text(it, "path").rsplit('/').next().unwrap_or_default();
        format!("{name} {} {}", text(it, "name"), text(it, "version"))
    });
    assert_eq!(found, truth);
    println!("{} modules of {} programs", truth.len(), programs.len());
    // The advice names the program with symbols, and not the one without.
    let advice: Vec<&str> = contents["can_go"]
        .as_array()
        .expect("advice")
        .iter()
        .map(|it| text(it, "what"))
        .filter(|it| it.starts_with("symbols"))
        .collect();
    assert!(advice.iter().all(|it| !it.contains("small")), "{advice:?}");
}

#[test]
fn headers_that_lie_promise_no_more_than_the_file_has() {
    let directory = folder();
    let Some(path) = built(directory.path(), "plain", &["-g"]) else { return };
    let bytes = fs::read(&path).expect("a file");
    let table = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().expect("eight"))).expect("small");
    // Where headers of the file, of segments and of sections are.
    let places: Vec<usize> = (0..64 + 14 * 56).chain(table..bytes.len()).collect();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    for _ in 0..3000 {
        let mut lying = bytes.clone();
        for _ in 0..=next(3) {
            lying[places[next(places.len())]] = [0, 1, 0x7f, 0x80, 0xff][next(5)];
        }
        lying.truncate(if next(8) == 0 { next(bytes.len()) } else { bytes.len() });
        if let Some(program) = program::look(&mut &lying[..], lying.len() as u64).expect("memory does not fail") {
            assert!(program.symbols <= lying.len() as u64, "{program:?}");
        }
    }
}
