//! Executes the steps of a composite action as a GitHub runner does, for the little of it that ours use.
//!
//! Expressions are lookups, `a.b.c`, perhaps with a literal to fall back on: `a.b || 'c'`. Conditions compare one lookup with one
//! literal, `a.b == 'c'`. Nested actions are written down with what they are given, and not run. Whatever else a step has (an
//! expression in a script) is refused, so that nothing is passed over in silence.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use saphyr::{LoadableYamlNode as _, YamlOwned};
use tempfile::TempDir;

use super::repository::root;

/// The token of every job; no output may hold it.
pub(crate) const CANARY: &str = "canary-0123456789-token";

/// What an action is made of; a copy of it is what a runner checks out.
const FILES: [&str; 6] =
    ["Cargo.toml", "action.yml", "report/action.yml", "action/run.sh", "action/install.sh", "action/checksums.txt"];

/// A job that is about to use an action: its own checkout of the action, a workspace and a temporary folder.
pub(crate) struct Job {
    home: TempDir,
    action: &'static str,
    with: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
    default_branch: &'static str,
}

/// A nested action, and what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    /// `owner/name/path@commit`.
    pub(crate) action: String,
    /// Its inputs.
    pub(crate) with: BTreeMap<String, String>,
}

/// How the action ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit code of the step that failed, or 0.
    pub(crate) code: i32,
    /// Standard output and standard error of all steps.
    pub(crate) log: String,
    /// The outputs of the action.
    pub(crate) outputs: BTreeMap<String, String>,
    /// The nested actions that were called, in order.
    pub(crate) used: Vec<Used>,
}

/// An action file.
pub(crate) struct Definition(YamlOwned);

impl Definition {
    /// Reads `action.yml` or `report/action.yml` of the repository.
    pub(crate) fn read(file: &Path) -> Self {
        Self(YamlOwned::load_from_str(&fs::read_to_string(file).unwrap()).unwrap().remove(0))
    }

    /// The inputs with their defaults, in the order of the file.
    pub(crate) fn inputs(&self) -> Vec<(String, String)> {
        let default = |input: &YamlOwned| input.as_mapping_get("default").map(text).unwrap_or_default();
        pairs(&self.0["inputs"]).map(|(name, input)| (name, default(input))).collect()
    }

    /// The outputs with their expressions, in the order of the file.
    pub(crate) fn outputs(&self) -> Vec<(String, String)> {
        pairs(&self.0["outputs"]).map(|(name, output)| (name, text(&output["value"]))).collect()
    }

    fn steps(&self) -> &[YamlOwned] {
        assert_eq!(text(&self.0["runs"]["using"]), "composite");
        self.0["runs"]["steps"].as_sequence().unwrap()
    }
}

impl Job {
    /// A job that uses `action.yml` or `report/action.yml`.
    pub(crate) fn new(action: &'static str) -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["action/report", "action/action", "workspace", "temp", "home"] {
            fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        for file in FILES {
            fs::copy(root().join(file), home.path().join("action").join(file)).unwrap();
        }
        let job = Self { home, action, with: BTreeMap::new(), env: BTreeMap::new(), default_branch: "" };
        let machine = if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" };
        let system = if cfg!(target_os = "macos") { "macOS" } else { "Linux" };
        let folder = |name: &str| job.home.path().join(name).display().to_string();
        let (home, workspace, temp) = (folder("home"), folder("workspace"), folder("temp"));
        let path = std::env::var("PATH").unwrap();
        job.env("PATH", path)
            .env("HOME", home)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", workspace)
            .env("RUNNER_TEMP", temp)
            .env("RUNNER_OS", system)
            .env("RUNNER_ARCH", machine)
    }

    /// Where the repository under test lies.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.home.path().join("workspace")
    }

    /// A file of the action's checkout.
    pub(crate) fn action_file(&self, name: &str) -> PathBuf {
        self.home.path().join("action").join(name)
    }

    /// Sets an input.
    pub(crate) fn with(mut self, input: &str, value: impl Into<String>) -> Self {
        self.with.insert(input.to_owned(), value.into());
        self
    }

    /// Sets a variable of the job.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// What started the job: the event, the ref it is about, and the default branch of the repository.
    pub(crate) fn event(mut self, name: &str, git_ref: &str, default_branch: &'static str) -> Self {
        self.default_branch = default_branch;
        self.env("GITHUB_EVENT_NAME", name).env("GITHUB_REF", git_ref)
    }

    /// A folder or file of the job's temporary folder.
    pub(crate) fn temp(&self, name: &str) -> PathBuf {
        self.home.path().join("temp").join(name)
    }

    /// Puts an executable into the workspace.
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.workspace().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Runs the action to its end.
    pub(crate) fn run(&self) -> Outcome {
        let definition = Definition::read(&self.action_file(self.action));
        let mut values: BTreeMap<String, String> = BTreeMap::from([
            ("github.token".to_owned(), CANARY.to_owned()),
            (DEFAULT_BRANCH.to_owned(), self.default_branch.to_owned()),
        ]);
        for (name, default) in definition.inputs() {
            let value = self.with.get(&name).cloned().unwrap_or_else(|| evaluated(&default, &values));
            values.insert(format!("inputs.{name}"), value);
        }
        for name in self.with.keys() {
            assert!(values.contains_key(&format!("inputs.{name}")), "the action has no input `{name}`");
        }
        // Each step is known by its id from the start, so that a lookup of another is noticed.
        values.extend(definition.steps().iter().map(|step| (format!("steps.{}", text(&step["id"])), String::new())));
        let mut outcome = Outcome { code: 0, log: String::new(), outputs: BTreeMap::new(), used: Vec::new() };
        for step in definition.steps() {
            let condition = step.as_mapping_get("if").map(text).unwrap_or_default();
            if !holds(&condition, outcome.code == 0, &values) {
                continue;
            }
            match step.as_mapping_get("uses") {
                Some(action) => outcome.used.push(used(&text(action), step, &values)),
                None => self.step(step, &mut values, &mut outcome),
            }
        }
        outcome.outputs =
            definition.outputs().into_iter().map(|(name, value)| (name, evaluated(&value, &values))).collect();
        outcome
    }

    fn step(&self, step: &YamlOwned, values: &mut BTreeMap<String, String>, outcome: &mut Outcome) {
        for (key, _) in pairs(step) {
            assert!(["name", "id", "if", "shell", "env", "run"].contains(&key.as_str()), "a step has `{key}`");
        }
        assert_eq!(text(&step["shell"]), "bash");
        let run = text(&step["run"]);
        assert!(!run.contains("${{"), "inputs reach scripts through env alone: {run}");

        let files = tempfile::tempdir_in(self.home.path()).unwrap();
        let file = |name: &str| {
            let path = files.path().join(name);
            fs::write(&path, "").unwrap();
            path
        };
        let (output, env, path) = (file("output"), file("env"), file("path"));
        let script = file("script.sh");
        fs::write(&script, run).unwrap();
        let ended = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&script)
            .env_clear()
            .envs(&self.env)
            .env("GITHUB_ACTION_PATH", self.action_file(self.action).parent().unwrap())
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_ENV", &env)
            .env("GITHUB_PATH", &path)
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .envs(pairs(&step["env"]).map(|(name, value)| (name, evaluated(&text(value), values))))
            .current_dir(self.workspace())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let code = ended.status.code().unwrap_or(-1);
        outcome.code = if outcome.code == 0 { code } else { outcome.code };
        for stream in [ended.stdout, ended.stderr] {
            outcome.log.push_str(&String::from_utf8(stream).unwrap());
        }
        for later in [env, path] {
            assert_eq!(fs::read_to_string(later).unwrap(), "", "the action changes the environment of later steps");
        }
        let id = text(&step["id"]);
        for (name, value) in step_outputs(&fs::read_to_string(output).unwrap()) {
            values.insert(format!("steps.{id}.outputs.{name}"), value);
        }
    }
}

fn text(value: &YamlOwned) -> String {
    value.as_str().unwrap_or_else(|| panic!("actions have strings only: {value:?}")).to_owned()
}

fn pairs(value: &YamlOwned) -> impl Iterator<Item = (String, &YamlOwned)> {
    value.as_mapping().unwrap().iter().map(|(name, value)| (text(name), value))
}

/// A step that is a nested action: pinned to a commit, since whoever owns a tag can move it.
fn used(action: &str, step: &YamlOwned, values: &BTreeMap<String, String>) -> Used {
    for (key, _) in pairs(step) {
        assert!(["name", "id", "if", "uses", "with"].contains(&key.as_str()), "a step has `{key}`");
    }
    let commit = action.split_once('@').map(|(_, commit)| commit).unwrap_or_default();
    assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{action} is not pinned");
    let with = pairs(&step["with"]).map(|(name, value)| (name, evaluated(&text(value), values))).collect();
    Used { action: action.to_owned(), with }
}

/// Whether a step runs: `LOOKUP == 'x'` or `LOOKUP != 'x'`, and all went well until here or the condition begins with `!cancelled()`.
fn holds(condition: &str, is_well: bool, values: &BTreeMap<String, String>) -> bool {
    let condition = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(condition).trim();
    let (condition, whatever_failed) = match condition.strip_prefix("!cancelled() && ") {
        Some(rest) => (rest, true),
        None => (condition, false),
    };
    if !(is_well || whatever_failed) || condition.is_empty() {
        return is_well;
    }
    let (lookup, sign, literal) = ["==", "!="]
        .into_iter()
        .find_map(|sign| condition.split_once(sign).map(|(lookup, literal)| (lookup.trim(), sign, literal.trim())))
        .unwrap_or_else(|| panic!("this runner does not know `{condition}`"));
    let literal = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let literal =
        literal.filter(|literal| !literal.contains('\'')).unwrap_or_else(|| panic!("no literal in {condition}"));
    (evaluated(&format!("${{{{ {lookup} }}}}"), values) == literal) == (sign == "==")
}

/// The one value of the event that steps look up.
const DEFAULT_BRANCH: &str = "github.event.repository.default_branch";

/// A text with its one expression replaced.
fn evaluated(template: &str, values: &BTreeMap<String, String>) -> String {
    let Some(expression) = template.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) else {
        assert!(!template.contains("${{"), "an expression inside a text: {template}");
        return template.to_owned();
    };
    let (lookup, otherwise) = match expression.split_once("||") {
        Some((lookup, literal)) => {
            let literal = literal.trim().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            (lookup.trim(), literal.unwrap_or_else(|| panic!("no literal in {template}")))
        }
        None => (expression.trim(), ""),
    };
    let parts: Vec<&str> = lookup.split('.').collect();
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match parts[..] {
        ["github", "token"] => {}
        _ if lookup == DEFAULT_BRANCH => {}
        ["inputs", name] if plain(name) => assert!(values.contains_key(lookup), "no such input: {template}"),
        ["steps", id, "outputs", name] if plain(name) => {
            assert!(values.contains_key(&format!("steps.{id}")), "no such step: {template}");
        }
        _ => panic!("this runner does not know {template}"),
    }
    values.get(lookup).filter(|value| !value.is_empty()).cloned().unwrap_or_else(|| otherwise.to_owned())
}

/// `name=value` and `name<<END … END`, as `$GITHUB_OUTPUT` has them; the last of a name counts.
fn step_outputs(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines();
    let mut outputs = Vec::new();
    while let Some(line) = lines.next() {
        let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
        if let Some((name, end)) = heredoc {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.push((name.to_owned(), value.join("\n")));
        } else {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no output: {line}"));
            outputs.push((name.to_owned(), value.to_owned()));
        }
    }
    outputs
}

#[test]
fn expressions_are_lookups_or_refused() {
    let values = BTreeMap::from([
        ("inputs.a".to_owned(), "${{ github.token }}".to_owned()),
        ("steps.s".to_owned(), String::new()),
    ]);
    assert_eq!(evaluated("${{ inputs.a }}", &values), "${{ github.token }}", "values are not evaluated again");
    assert_eq!(evaluated("${{ steps.s.outputs.x || 'error' }}", &values), "error");
    for unknown in ["${{ inputs.b }}", "x ${{ inputs.a }}", "${{ format('x') }}", "${{ steps.t.outputs.x }}"] {
        assert!(std::panic::catch_unwind(|| evaluated(unknown, &values)).is_err(), "{unknown}");
    }
}

#[test]
fn conditions_are_one_comparison() {
    let values =
        BTreeMap::from([("steps.s".to_owned(), String::new()), ("steps.s.outputs.x".to_owned(), "1".to_owned())]);
    let holds = |condition: &str, is_well| holds(condition, is_well, &values);
    assert!(holds("", true) && !holds("", false));
    assert!(holds("steps.s.outputs.x == '1'", true) && !holds("steps.s.outputs.x == '1'", false));
    assert!(!holds("steps.s.outputs.x != '1'", true) && holds("steps.s.outputs.y != '1'", true));
    assert!(holds("${{ !cancelled() && steps.s.outputs.x == '1' }}", false));
    assert!(!holds("${{ !cancelled() && steps.s.outputs.x == '2' }}", true));
    for unknown in ["always()", "steps.s.outputs.x", "steps.s.outputs.x == '1' || true", "steps.t.outputs.x == '1'"] {
        assert!(std::panic::catch_unwind(|| holds(unknown, true)).is_err(), "{unknown}");
    }
}

#[test]
fn outputs_have_two_forms() {
    let text = "a=1=2\nb<<END\nx\ny=z\nEND\na=3<<4\n";
    let expected = [("a", "1=2"), ("b", "x\ny=z"), ("a", "3<<4")];
    assert_eq!(step_outputs(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}
