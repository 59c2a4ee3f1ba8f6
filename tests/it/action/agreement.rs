//! One truth in four places: inputs, flags, the scripts between them, and the documentation.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

use super::{recorded, recorder};
use crate::support::action::{Definition, Job};
use crate::support::repository::root;
use crate::support::run::Run;

/// A value for each input that changes the call, `None` for those that change what is called or where.
const SAMPLES: [(&str, Option<&str>); 27] = [
    ("config", Some("x.toml")),
    ("policy", Some("p.toml")),
    ("targets", Some("api")),
    ("working-directory", None),
    ("images", Some("api=acme/api:1")),
    ("from", Some("registry")),
    ("archives", Some("api=api.tar")),
    ("bake-metadata", Some("bake.json")),
    ("build", Some("never")),
    ("build-env", Some("NPM_TOKEN")),
    ("allow-outside", Some("true")),
    ("read", Some("save")),
    ("cache", Some("true")),
    ("comment", Some("never")),
    ("comment-key", Some("x")),
    ("pr-number", Some("7")),
    ("summary", Some("false")),
    ("annotations", Some("false")),
    ("fail-on", Some("warning")),
    ("baseline", Some("old.json")),
    ("baseline-ref", Some("main")),
    ("changed-since", Some("main")),
    ("report-file", Some("/r.json")),
    ("sarif-file", Some("x.sarif")),
    ("version", None),
    ("binary", None),
    ("token", None),
];

fn inputs_of(file: &str) -> Vec<(String, String)> {
    Definition::read(&root().join(file)).inputs()
}

/// The rows of the documentation between `<!-- NAME:begin -->` and its end: cells without their code marks.
fn documented(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/github-action.md")).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {name}:begin -->")).unwrap();
    let (table, _) = rest.split_once(&format!("<!-- {name}:end -->")).unwrap();
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    table.trim().lines().skip(2).map(cells).collect()
}

fn call(with: Option<(&str, &str)>) -> Vec<String> {
    let job = Job::new("action.yml");
    let binary = recorder(&job).display().to_string();
    let job = with.into_iter().fold(job.with("binary", binary), |job, (input, value)| job.with(input, value));
    let outcome = job.run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
    recorded(&job).remove(0)
}

/// The flag by which a call with the input differs from one without, as the documentation writes it.
fn flag_of(input: &str, value: &str, plain: &BTreeSet<String>) -> String {
    let with: BTreeSet<String> = call(Some((input, value))).into_iter().collect();
    let new = with.difference(plain).next();
    let changed = new.or_else(|| plain.difference(&with).next()).unwrap_or_else(|| panic!("`{input}` does nothing"));
    match changed.strip_prefix("--") {
        None => "TARGET…".to_owned(),
        Some(_) if changed.starts_with("--write=") => changed.split_inclusive('=').take(2).collect(),
        Some(_) => changed.split('=').next().unwrap().to_owned(),
    }
}

#[test]
fn each_input_has_its_flag_and_its_row() {
    let inputs = inputs_of("action.yml");
    assert_eq!(inputs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), SAMPLES.map(|(name, _)| name));
    let plain: BTreeSet<String> = call(None).into_iter().collect();
    let rows = documented("inputs");
    assert_eq!(rows.len(), inputs.len(), "docs/github-action.md has a row for each input");
    for (((name, default), (_, sample)), row) in inputs.iter().zip(SAMPLES).zip(rows) {
        let flag = sample.map_or_else(|| "–".to_owned(), |value| flag_of(name, value, &plain));
        let default = if default.is_empty() { "–" } else { default.trim_matches(['$', '{', '}', ' ']) };
        assert_eq!(row[..3], [name.as_str(), default, flag.as_str()], "docs/github-action.md");
        assert!(row[3].len() > 10, "`{name}` is not explained");
    }
}

#[test]
fn report_inputs_and_all_outputs_have_their_rows() {
    let names = |table: &str| documented(table).into_iter().map(|mut row| row.remove(0)).collect::<Vec<_>>();
    let report: Vec<_> = inputs_of("report/action.yml").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names("report-inputs"), report);
    for file in ["action.yml", "report/action.yml"] {
        let outputs = Definition::read(&root().join(file)).outputs();
        assert_eq!(names("outputs"), outputs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), "{file}");
        for (name, value) in outputs {
            assert!(value.contains(&format!(".outputs.{name} ")), "{file} takes `{name}` from {value}");
        }
    }
}

#[test]
fn every_flag_of_the_script_is_one_of_the_program() {
    let plain = call(None);
    let flags: BTreeSet<String> = SAMPLES
        .iter()
        .filter_map(|(input, value)| Some(flag_of(input, (*value)?, &plain.iter().cloned().collect())))
        .chain(plain.iter().filter(|argument| argument.starts_with("--") && argument.len() > 2).map(|argument| {
            let parts = if argument.starts_with("--write=") { 2 } else { 1 };
            argument.split('=').take(parts).collect::<Vec<_>>().join("=")
        }))
        .filter(|flag| flag != "TARGET…")
        .map(|flag| flag.trim_end_matches('=').to_owned())
        .collect();
    let help = Run::new().args(["check", "--help"]).run().stdout;
    let formats = Run::new().args(["check", "--write", "none=x"]).run().stderr;
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for flag in &flags {
        let known = match flag.strip_prefix("--write=") {
            Some(format) => formats.contains(format),
            None => Regex::new(&format!(r"(?m)^ .*{flag}( |$)")).unwrap().is_match(&help),
        };
        if !known {
            unknown.insert(flag);
        }
    }
    assert!(unknown.is_empty(), "what the action passes and `check` does not know: {unknown:?}");
    let subcommands = ["merge", "comment"].map(|name| Run::new().args([name, "--help"]).run().code == Some(0));
    assert_eq!(subcommands, [true; 2]);
}

#[test]
fn scripts_read_what_the_action_sets() {
    let variable = Regex::new(r"INPUT_[A-Z_]+").unwrap();
    let named = |files: &[&str]| -> BTreeSet<String> {
        let text: String = files.iter().map(|file| fs::read_to_string(root().join(file)).unwrap()).collect();
        variable.find_iter(&text).map(|found| found.as_str().to_owned()).filter(|name| name != "INPUT_").collect()
    };
    assert_eq!(named(&["action.yml", "report/action.yml"]), named(&["action/run.sh", "action/install.sh"]));
    for file in ["action.yml", "report/action.yml"] {
        let set = named(&[file]);
        for (input, _) in inputs_of(file).iter().filter(|(input, _)| input != "token") {
            let name = format!("INPUT_{}", input.to_uppercase().replace('-', "_"));
            assert!(set.contains(&name), "{file} does not hand on `{input}`");
        }
    }
}

#[test]
fn checksums_are_a_table_and_the_examples_name_this_version() {
    let table = fs::read_to_string(root().join("action/checksums.txt")).unwrap();
    let line = Regex::new(r"^[0-9a-f]{64}  imgbudget-\d+\.\d+\.\d+\S*-(x86_64|aarch64)-[a-z-]+\.tar\.gz$").unwrap();
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        assert!(line.is_match(row), "{row}");
    }
    let own = Regex::new(r"uses: imgbudget/imgbudget(/report)?@(\S+)").unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples/github")).unwrap() {
        let path = entry.unwrap().path();
        for found in own.captures_iter(&fs::read_to_string(&path).unwrap()) {
            assert_eq!(&found[2], concat!("v", env!("CARGO_PKG_VERSION")), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 6, "the examples use the action");
}
