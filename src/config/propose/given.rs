//! What bake and compose files say of builds: where from, how, and what the image is called.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::yaml::{self, Node, Tree};
use crate::config::credential::is_credential;

/// The most builds that one file proposes.
const MOST: usize = 60;

/// A build that another file describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// What it is called there.
    pub(super) name: String,
    /// The build context, relative to the folder; empty for that folder itself.
    pub(super) context: PathBuf,
    /// The Dockerfile, relative to the context.
    pub(super) dockerfile: String,
    /// The stage; the last one when absent.
    pub(super) stage: Option<String>,
    /// Build arguments; `None` for those of the environment.
    pub(super) args: BTreeMap<String, Option<String>>,
    /// What the image is called once it was built.
    pub(super) image: Option<String>,
}

/// Builds, and what was left out and why.
pub(super) type Read = (Vec<Given>, Vec<String>);

/// The builds of `docker buildx bake --print`.
///
/// # Errors
/// It is not what bake prints.
pub(super) fn of_bake(json: &[u8], folder: &Path) -> Result<Read, String> {
    let printed: serde_json::Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let targets = printed.get("target").and_then(serde_json::Value::as_object).ok_or("it has no targets")?;
    let mut read = Read::default();
    for (name, target) in targets.iter().take(MOST) {
        let text = |key: &str| target.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
        let is_set = |key: &&str| target.get(*key).is_some_and(|value| !value.is_null());
        let unknown = ["contexts", "dockerfile-inline", "secret", "ssh"].into_iter().find(is_set);
        let args = target.get("args").and_then(serde_json::Value::as_object);
        let args = args.into_iter().flatten().map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned)));
        let tags = target.get("tags").and_then(serde_json::Value::as_array);
        let given = Given {
            name: name.clone(),
            context: PathBuf::new(),
            dockerfile: text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned()),
            stage: text("target"),
            args: args.collect(),
            image: tags.and_then(|tags| tags.first()?.as_str().map(str::to_owned)),
        };
        add(&mut read, given, &text("context").unwrap_or_else(|| ".".to_owned()), unknown, folder);
    }
    Ok(read)
}

/// The services of a compose file that are built.
///
/// # Errors
/// It is not YAML, or more of it than is read.
pub(super) fn of_compose(text: &str, folder: &Path) -> Result<Read, String> {
    let tree = yaml::parse(text)?;
    let mut read = Read::default();
    let services = tree.get("services").map(Tree::pairs).unwrap_or_default();
    for (name, service) in services.iter().take(MOST) {
        let Some(build) = service.get("build") else { continue };
        let text = |key: &str| build.get(key).and_then(Tree::text).map(str::to_owned);
        let unknown = ["additional_contexts", "dockerfile_inline", "secrets", "ssh"]
            .into_iter()
            .find(|key| build.get(key).is_some());
        let given = Given {
            name: name.clone(),
            context: PathBuf::new(),
            dockerfile: text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned()),
            stage: text("target"),
            args: build.get("args").map(args).unwrap_or_default(),
            image: service.get("image").and_then(Tree::text).map(str::to_owned),
        };
        let context = build.text().map(str::to_owned).or_else(|| text("context")).unwrap_or_else(|| ".".to_owned());
        add(&mut read, given, &context, unknown, folder);
    }
    Ok(read)
}

/// `args: { A: b }` or `args: ["A=b", "C"]`.
fn args(tree: &Tree) -> BTreeMap<String, Option<String>> {
    let value = |tree: &Tree| tree.text().filter(|text| !matches!(*text, "" | "~" | "null")).map(str::to_owned);
    match tree.node() {
        Node::Map(map) => map.iter().map(|(name, tree)| (name.clone(), value(tree))).collect(),
        Node::List(list) => {
            let pairs = list.iter().filter_map(Tree::text).map(|text| match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text.to_owned(), None),
            });
            pairs.collect()
        }
        Node::Scalar(_) => BTreeMap::new(),
    }
}

/// Adds a build, or why it cannot be one of budgets.toml.
fn add(read: &mut Read, mut given: Given, context: &str, unknown: Option<&str>, folder: &Path) {
    let mut leave_out = |why: String| read.1.push(format!("left out `{}`: {why}", given.name));
    if let Some(unknown) = unknown {
        return leave_out(format!("a build of budgets.toml has no `{unknown}`; measure the built image with --image"));
    }
    let Some(inside) = inside(context) else {
        return leave_out(format!("its context `{context}` is not a folder in this one"));
    };
    if given.dockerfile.contains('$') || inside_of(&given.dockerfile).is_none() {
        return leave_out(format!("its Dockerfile `{}` is not in its context", given.dockerfile));
    }
    if !folder.join(&inside).join(&given.dockerfile).is_file() {
        return leave_out(format!("{} is not there", inside.join(&given.dockerfile).display()));
    }
    given.context = inside;
    given.stage = given.stage.filter(|stage| !stage.is_empty() && is_word(stage));
    // What only compose or the shell would fill in, and credentials, which a budget file takes on request alone.
    given.args.retain(|name, value| {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name && value.as_ref().map_or(!is_credential(name), |value| !value.contains('$'))
    });
    given.image = given.image.filter(|image| !image.contains('$'));
    read.0.push(given);
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// A context that is a folder in this one, without `.`.
fn inside(context: &str) -> Option<PathBuf> {
    if context.contains(['$', ':', '#']) || context.starts_with("git@") {
        return None;
    }
    inside_of(context)
}

fn inside_of(path: &str) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => inside.push(part),
            // `a/../b` is `b`; what leads out is refused.
            Component::ParentDir if inside.pop() => {}
            _ => return None,
        }
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in ["Dockerfile", "api/Dockerfile", "api/prod.Dockerfile"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "FROM scratch\n").unwrap();
        }
        folder
    }

    fn told((given, notes): Read) -> String {
        let one = |given: &Given| format!("{given:?}\n").replace("Given { ", "");
        given.iter().map(one).collect::<String>() + &notes.join("\n")
    }

    #[test]
    fn services_that_are_built_are_found() {
        let text = "x-build: &build\n  context: ./api\n  args: [A=1, B, NPM_TOKEN, \"C=$X\"]\nservices:\n  db:\n    image: postgres\n  web:\n    build: .\n    image: acme/web:dev\n  api:\n    build:\n      <<: *build\n      dockerfile: prod.Dockerfile\n      target: production\n  out:\n    build: ../other\n  git:\n    build: https://git.example.com/x.git\n  inline:\n    build:\n      dockerfile_inline: FROM scratch\n  gone:\n    build: gone\n";
        insta::assert_snapshot!(told(of_compose(text, folder().path()).unwrap()), @r#"
        name: "web", context: "", dockerfile: "Dockerfile", stage: None, args: {}, image: Some("acme/web:dev") }
        name: "api", context: "api", dockerfile: "prod.Dockerfile", stage: Some("production"), args: {"A": Some("1"), "B": None}, image: None }
        left out `out`: its context `../other` is not a folder in this one
        left out `git`: its context `https://git.example.com/x.git` is not a folder in this one
        left out `inline`: a build of budgets.toml has no `dockerfile_inline`; measure the built image with --image
        left out `gone`: gone/Dockerfile is not there
        "#);
        assert!(of_compose("services: [", folder().path()).is_err());
        assert_eq!(of_compose("a: 1", folder().path()), Ok(Read::default()));
    }

    #[test]
    fn what_bake_prints_is_read() {
        let json = br#"{"group":{"default":{"targets":["api"]}},"target":{
            "api":{"context":"api/../api","dockerfile":"Dockerfile","args":{"A":"1","B":null},"tags":["acme/api:1"],"target":"x"},
            "named":{"context":".","contexts":{"base":"target:api"}},"up":{"context":"/etc"},"dir":{"context":".","dockerfile":"../x"}}}"#;
        insta::assert_snapshot!(told(of_bake(json, folder().path()).unwrap()), @r#"
        name: "api", context: "api", dockerfile: "Dockerfile", stage: Some("x"), args: {"A": Some("1"), "B": None}, image: Some("acme/api:1") }
        left out `dir`: its Dockerfile `../x` is not in its context
        left out `named`: a build of budgets.toml has no `contexts`; measure the built image with --image
        left out `up`: its context `/etc` is not a folder in this one
        "#);
        for wrong in ["", "[]", "{}", "{\"target\":[]}"] {
            assert!(of_bake(wrong.as_bytes(), folder().path()).is_err(), "{wrong}");
        }
    }
}
