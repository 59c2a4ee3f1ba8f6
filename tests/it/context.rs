//! The build context against the Docker CLI: the same files, and a tar that a real builder takes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use imgbudget::Error;
use imgbudget::context::{self, Plan};
use imgbudget::files::Boundary;

/// Plans a context beside whatever Dockerfile.
fn plan(context: &Path, dockerfile: &Path) -> Result<Plan, Error> {
    context::plan(context, dockerfile, &Boundary::around(context, &|_| None).lifted(true))
}

/// Whether tests that need an engine run: `IMGBUDGET_LIVE=1` says that there must be one.
fn live(test: &str) -> bool {
    let live = std::env::var("IMGBUDGET_LIVE").is_ok_and(|value| value == "1");
    if !live {
        println!("skipped (no IMGBUDGET_LIVE): {test}");
    }
    live
}

/// Path of each entry of a tar, and what it is.
fn listing(tar: impl Read) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().unwrap();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            let path = String::from_utf8_lossy(&entry.path_bytes()).trim_end_matches('/').to_owned();
            let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
            let kind = header.entry_type();
            (path, format!("{kind:?} {:o} {} {}", header.mode().unwrap(), entry.size(), link.unwrap_or_default()))
        })
        .collect()
}

fn sent(context: &Path, dockerfile: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    plan(context, dockerfile).unwrap().write(&mut out).unwrap();
    out
}

fn file(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A tree with something for every rule.
fn tree(root: &Path) {
    let files = [
        "a",
        "b.md",
        "README.md",
        ".hidden",
        "!bang",
        "#hash",
        "sp ace",
        "ünï",
        "dir/a",
        "dir/b.md",
        "dir/sub/c",
        "dir/sub/d.md",
        "dir/sub/deep/e",
        "node_modules/x/index.js",
        "node_modules/x/README.md",
        "bin/7",
        "bin/d",
        "star*",
    ];
    for path in files {
        file(root, path, path);
    }
    fs::create_dir(root.join("empty")).unwrap();
    fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(root.join("dir/sub"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::hard_link(root.join("b.md"), root.join("hard.md")).unwrap();
    symlink("a", root.join("link")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("dir", root.join("to-dir")).unwrap();
    file(root, &format!("{}/{}", "l".repeat(90), "n".repeat(120)), "long");
    symlink("t".repeat(150), root.join("long-link")).unwrap();
    file(root, "Dockerfile", "FROM scratch\nCOPY . /\n");
}

/// How our context compares with the CLI's.
#[derive(Clone, Copy, PartialEq)]
enum Versus {
    /// Nothing differs.
    Same,
    /// The rules exclude the Dockerfile. The CLI sends it beside the context; a tar has no other place for it, so that
    /// `COPY . /` copies it. Nothing else differs.
    Dockerfile,
    /// Nothing differs from Docker 23 and later; the CLI before it loses files that an exception brings back.
    Since23,
}
use Versus::{Dockerfile, Same, Since23};

const CASES: [(&str, Versus); 29] = [
    ("", Same),
    ("a", Same),
    ("/a\n", Same),
    ("./dir/../a", Same),
    ("dir", Same),
    ("dir/", Same),
    ("*.md", Same),
    ("**/*.md", Same),
    ("*/*.md", Same),
    ("**/sub", Same),
    ("dir/**", Same),
    ("dir/*\n!dir/sub", Same),
    ("dir\n!dir/sub/c", Same),
    ("node_modules\n!**/README.md", Since23),
    ("*\n!dir", Dockerfile),
    ("**\n!dir/sub/deep", Dockerfile),
    ("*\n!Dockerfile\n!.hidden", Same),
    ("Dockerfile\n.dockerignore", Dockerfile),
    (".dockerignore", Same),
    ("# a\n #hash\n\\#hash", Same),
    ("\u{feff}a\r\n  b.md \r\n", Same),
    ("[ab]\n[a-c].md\n[^a-z]*.md", Same),
    ("?\n??.md\n", Same),
    ("ün?", Same),
    ("sp ace\n\\!bang", Same),
    ("bin/\\d", Same),
    ("star\\*", Same),
    ("l*/n*\nlink\nto-dir/a", Same),
    ("..\n.\n/\n!nothing", Same),
];

/// Which CLI builds with BuildKit here: newer ones need a plug-in for it.
fn docker() -> &'static str {
    let directory = tempfile::tempdir().unwrap();
    file(directory.path(), "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    let works = |name: &&str| built(name, directory.path().as_os_str().to_str().unwrap(), None).is_ok();
    ["docker", "/usr/bin/docker"].into_iter().find(works).expect("a Docker CLI that builds with BuildKit")
}

/// The files of the image that the CLI builds of a directory, or of a tar on its standard input.
fn built(docker: &str, context: &str, tar: Option<&[u8]>) -> Result<BTreeMap<String, String>, String> {
    let mut command = Command::new(docker);
    command.args(["build", "--quiet", "--output", "type=tar,dest=-", context]).env("DOCKER_BUILDKIT", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().unwrap();
    let tar = tar.map(<[u8]>::to_vec).unwrap_or_default();
    let feeder = std::thread::spawn(move || stdin.write_all(&tar));
    let output = child.wait_with_output().unwrap();
    drop(feeder.join());
    if output.status.success() {
        Ok(listing(output.stdout.as_slice()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn the_same_files_as_the_docker_cli() {
    if !live("context::the_same_files_as_the_docker_cli") {
        return;
    }
    let docker = docker();
    let version = Command::new(docker).arg("--version").output().unwrap().stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    let major = version.split([' ', '.']).find_map(|word| word.parse::<u32>().ok());
    let old = major.is_none_or(|major| major < 23);
    let mut wrong = Vec::new();
    for (rules, versus) in CASES {
        if versus == Since23 && old {
            println!("not compared, this CLI is known to differ: {rules:?}");
            continue;
        }
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        tree(root);
        file(root, ".dockerignore", rules);
        let tar = sent(root, &root.join("Dockerfile"));
        let ours = built(docker, "-", Some(&tar)).unwrap_or_else(|error| panic!("{rules:?}: {error}"));
        let mut theirs =
            built(docker, root.to_str().unwrap(), None).unwrap_or_else(|error| panic!("{rules:?}: {error}"));
        if versus == Dockerfile {
            let dockerfile = ours.get("Dockerfile").expect("the engine needs it").clone();
            assert_eq!(theirs.insert("Dockerfile".to_owned(), dockerfile), None, "{rules:?}");
        }
        if ours != theirs {
            let only = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| {
                a.iter()
                    .filter(|(path, what)| b.get(*path) != Some(what))
                    .map(|(p, w)| format!("{p} {w}"))
                    .collect::<Vec<_>>()
            };
            wrong.push(format!("{rules:?}\n  ours   {:?}\n  theirs {:?}", only(&ours, &theirs), only(&theirs, &ours)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_and_links_of_any_length_and_any_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    tree(root);
    let broken = std::ffi::OsStr::from_bytes(b"\xff\xfe").to_owned();
    fs::write(root.join(&broken), "x").unwrap();
    let tar = sent(root, &root.join("Dockerfile"));
    assert_eq!(tar, sent(root, &root.join("Dockerfile")), "the same each time");
    let found = listing(tar.as_slice());
    assert_eq!(found["link"], "Symlink 777 0 a");
    assert_eq!(found["hard.md"], "Link 644 0 b.md");
    assert_eq!(found["a"], "Regular 755 1 ");
    assert_eq!(found["empty"], "Directory 755 0 ");
    assert_eq!(found["long-link"], format!("Symlink 777 0 {}", "t".repeat(150)));
    assert_eq!(found[&format!("{}/{}", "l".repeat(90), "n".repeat(120))], "Regular 644 4 ");
    assert!(found.contains_key("\u{fffd}\u{fffd}"));
}

#[test]
fn a_dockerfile_outside_keeps_one_name() {
    let (context, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    file(context.path(), "a", "a");
    file(context.path(), "b", "b");
    file(context.path(), ".dockerignore", "a\n");
    file(elsewhere.path(), "My.Dockerfile", "FROM scratch\n");
    let dockerfile = elsewhere.path().join("My.Dockerfile");
    let planned = plan(context.path(), &dockerfile).unwrap();
    assert_eq!(planned.dockerfile_name(), ".imgbudget.Dockerfile");
    assert_eq!(planned.notes().len(), 1);
    let names: Vec<String> = listing(sent(context.path(), &dockerfile).as_slice()).into_keys().collect();
    assert_eq!(names, [".dockerignore", ".imgbudget.Dockerfile", "b"]);

    file(context.path(), ".imgbudget.Dockerfile", "taken");
    assert_eq!(plan(context.path(), &dockerfile).unwrap().dockerfile_name(), ".imgbudget.Dockerfile.2");
    file(elsewhere.path(), "My.Dockerfile.dockerignore", "b\n.*\n");
    let names: Vec<String> = listing(sent(context.path(), &dockerfile).as_slice()).into_keys().collect();
    assert_eq!(names, [".imgbudget.Dockerfile.2", "a"]);
}

#[test]
fn an_excluded_dockerfile_is_sent_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    file(directory.path(), "docker/prod/Dockerfile", "FROM scratch\n");
    file(directory.path(), "docker/other", "x");
    file(directory.path(), ".dockerignore", "*\n");
    let dockerfile = directory.path().join("docker/prod/Dockerfile");
    let planned = plan(directory.path(), &dockerfile).unwrap();
    assert_eq!(planned.dockerfile_name(), "docker/prod/Dockerfile");
    insta::assert_snapshot!(planned.notes().join("\n"), @".dockerignore excludes docker/prod/Dockerfile, which the engine needs in the context: `COPY . …` copies it, 13 bytes");
    let names: Vec<String> = listing(sent(directory.path(), &dockerfile).as_slice()).into_keys().collect();
    assert_eq!(names, ["docker", "docker/prod", "docker/prod/Dockerfile"]);
}

#[test]
fn what_cannot_be_a_context_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    file(root, "file", "x");
    file(root, "Dockerfile", "FROM scratch\n");
    let told = |context: &str, dockerfile: &str| {
        let error = plan(&root.join(context), &root.join(dockerfile)).unwrap_err();
        assert_eq!(error.class(), imgbudget::Class::Config);
        assert!(error.hint().is_some());
        error.to_string().replace(root.to_str().unwrap(), "ROOT")
    };
    assert_eq!(told("missing", "Dockerfile"), "the build context ROOT/missing cannot be read");
    assert_eq!(told("file", "Dockerfile"), "the build context ROOT/file is not a directory");
    assert_eq!(told(".", "missing"), "the Dockerfile ROOT/missing cannot be read");
    assert_eq!(told(".", "."), "the Dockerfile ROOT/. is not a file");
    file(root, ".dockerignore", "a\n[");
    assert!(told(".", "Dockerfile").starts_with("`[` has a `[`"));
}

/// A writer that makes a file of the context longer when the tar begins.
struct Meddler<'a>(&'a Path);

impl std::io::Write for Meddler<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        fs::OpenOptions::new().append(true).open(self.0)?.write_all(b"more")?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_that_grows_meanwhile_is_named() {
    let directory = tempfile::tempdir().unwrap();
    file(directory.path(), "Dockerfile", "FROM scratch\n");
    file(directory.path(), "log", "x");
    let planned = plan(directory.path(), &directory.path().join("Dockerfile")).unwrap();
    let error = planned.write(Meddler(&directory.path().join("log"))).unwrap_err();
    assert!(error.to_string().ends_with("log changed while it was being sent"), "{error}");
}
