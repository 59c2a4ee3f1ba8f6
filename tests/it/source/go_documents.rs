//! The documents of an image against Go's own encoding/json, which engines read them with: for thousands of documents the same image,
//! or "could not measure". `IMGBUDGET_DOCUMENTS` says how many documents of each kind.

use imgbudget::domain::Platform;
use imgbudget::source::ImageContent;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{read, sizes};
use crate::support::go::Program;
use crate::support::images::{Files, Layer, blob_path, digest};
use crate::tars::dice::Dice;

/// What `tests/go/json.go` says of one document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    error: String,
    configs: Option<Vec<Config>>,
    images: Option<Vec<Vec<String>>>,
    digests: Option<Vec<String>>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    user: String,
    #[serde(rename = "OS")]
    os: String,
    architecture: String,
    variant: String,
    #[serde(rename = "DiffIDs")]
    diff_ids: Option<Vec<String>>,
    created_by: Option<Vec<String>>,
    empty: Option<Vec<bool>>,
}

/// How Go's errors about the types of fields end that say nothing of an image's size, tools or user.
const UNREAD: [&str; 8] = [
    "Labels of type string",
    "Labels of type map[string]string",
    "Env of type string",
    "Env of type []string",
    "WorkingDir of type string",
    "author of type string",
    "rootfs.type of type string",
    "schemaVersion of type int",
];

/// Two layers, told apart by their sizes, and an image of each, told apart by its user.
struct Parts {
    layers: [Vec<u8>; 2],
    configs: [Value; 2],
}

impl Parts {
    fn new() -> Self {
        let layers = [3, 5].map(|size| Layer::new().zeros("a", 0o644, size).tar());
        let config = |user: &str, layer: &[u8]| {
            json!({
                "created": "2026-01-01T00:00:00Z",
                "author": "somebody",
                "architecture": "amd64",
                "os": "linux",
                "variant": "v2",
                "config": { "User": user, "Env": ["PATH=/bin"], "Labels": { "a": "1", "B": "2" }, "WorkingDir": "/" },
                "rootfs": { "type": "layers", "diff_ids": [digest(layer)] },
                "history": [
                    { "created_by": "COPY a /", "comment": "buildkit.dockerfile.v0" },
                    { "created_by": "USER app", "empty_layer": true },
                ],
            })
        };
        let configs = [config("one", &layers[0]), config("two", &layers[1])];
        Self { layers, configs }
    }

    fn config(&self, number: usize) -> Vec<u8> {
        self.configs[number].to_string().into_bytes()
    }

    fn descriptor(content: &[u8]) -> Value {
        json!({ "mediaType": "", "digest": digest(content), "size": content.len(), "annotations": { "a": "1", "A": "2" } })
    }

    fn manifest(&self, number: usize) -> Value {
        json!({
            "schemaVersion": 2,
            "config": Self::descriptor(&self.config(number)),
            "layers": [Self::descriptor(&self.layers[number])],
        })
    }

    /// A document of a kind, as a writer would write it, and the same of the other image.
    fn document(&self, kind: u8, number: usize) -> Value {
        match kind {
            b'c' => self.configs[number].clone(),
            b's' => json!([{
                "Config": (["one.json", "two.json"][number]),
                "RepoTags": ["acme/app:1"],
                "Layers": [(["one.tar", "two.tar"][number])],
            }]),
            b'm' => self.manifest(number),
            _ => json!({
                "schemaVersion": 2,
                "manifests": [Self::descriptor(self.manifest(number).to_string().as_bytes())],
            }),
        }
    }

    /// An archive around the document.
    fn archive(&self, kind: u8, document: &[u8]) -> Vec<u8> {
        let mut files = Files::default();
        match kind {
            b'c' | b's' => {
                for (name, number) in [("one", 0), ("two", 1)] {
                    files.add(format!("{name}.tar"), self.layers[number].clone());
                    let is_asked = kind == b'c' && number == 0;
                    files.add(format!("{name}.json"), if is_asked { document.to_vec() } else { self.config(number) });
                }
                let plain = self.document(b's', 0).to_string().into_bytes();
                files.add("manifest.json", if kind == b's' { document.to_vec() } else { plain });
            }
            _ => {
                for number in [0, 1] {
                    let manifest = self.manifest(number).to_string().into_bytes();
                    for blob in [self.layers[number].clone(), self.config(number), manifest] {
                        files.add(blob_path(&blob), blob);
                    }
                }
                files.add(blob_path(document), document);
                let index = json!({ "manifests": [Self::descriptor(document)] }).to_string().into_bytes();
                files.add("index.json", if kind == b'i' { document.to_vec() } else { index });
            }
        }
        files.tar()
    }

    /// What Go's reading makes of the archive: the user and the sizes of layers, where it is one image of these parts.
    fn of_go(&self, kind: u8, answer: &Answer) -> Option<(String, Vec<u64>)> {
        let user = |called: &str| {
            let known = |number: usize| {
                let config = self.config(number);
                called == digest(&config) || called == ["one.json", "two.json"][number]
            };
            ["one", "two"].into_iter().enumerate().find(|(number, _)| known(*number)).map(|(_, user)| user.to_owned())
        };
        let size = |called: &String| {
            let known =
                |number: usize| *called == digest(&self.layers[number]) || called == ["one.tar", "two.tar"][number];
            [3, 5].into_iter().enumerate().find(|(number, _)| known(*number)).map(|(_, size)| size)
        };
        let image = |parts: &Vec<String>| {
            let (config, layers) = parts.split_first()?;
            Some((user(config)?, layers.iter().map(size).collect::<Option<_>>()?))
        };
        if kind == b'i' {
            let [only] = answer.digests.as_deref()? else { return None };
            let number = (0..2).find(|number| digest(self.manifest(*number).to_string().as_bytes()) == *only)?;
            return Some((["one", "two"][number].to_owned(), vec![[3, 5][number]]));
        }
        match answer.images.as_deref()? {
            [only] => image(only),
            _ => None,
        }
    }
}

/// Writes a document as writers do and as none does. `other` is the same document of another image: where its values come from.
struct Writer<'a> {
    dice: &'a mut Dice,
    text: Vec<u8>,
    /// How many things were done that no writer does, and how many there may be.
    harm: usize,
    most: usize,
}

impl Writer<'_> {
    fn harms(&mut self, times: usize) -> bool {
        let does = self.harm < self.most && self.dice.once_in(times);
        self.harm += usize::from(does);
        does
    }

    fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
        if self.dice.once_in(12) {
            self.text.push(self.dice.pick(b" \t\n\r"));
        }
    }

    fn value(&mut self, value: &Value, other: &Value, is_map: bool) {
        if self.harms(60) {
            let odd = [
                "null",
                "\"\"",
                "0",
                "{}",
                "[]",
                "true",
                "[null]",
                "1.0",
                "-0",
                "1e0",
                "01",
                "\"\\ud800\"",
                "\"\\q\"",
                "nul",
                "",
            ];
            let odd = self.dice.pick(&odd);
            return self.push(odd);
        }
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
                for at in (1..fields.len()).rev() {
                    fields.swap(at, self.dice.below(at + 1));
                }
                self.push("{");
                for (number, (key, value)) in fields.into_iter().enumerate() {
                    if number > 0 {
                        self.push(",");
                    }
                    let other = other.get(key).unwrap_or(&Value::Null);
                    let again = self.harms(40);
                    if again {
                        self.field(key, other, value, is_map);
                        self.push(",");
                    }
                    self.field(key, value, other, is_map);
                    if !is_map && self.dice.once_in(12) {
                        let more = format!(",\"more{number}\":[{{\"{key}\":1,\"{key}\":-0.5e+3}},null,\"\\ud800\"]");
                        self.push(&more);
                    }
                    if !again && self.harms(60) {
                        self.push(",");
                        self.field(key, other, value, is_map);
                    }
                }
                self.push("}");
            }
            Value::Array(items) => {
                self.push("[");
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        self.push(",");
                    }
                    self.value(item, other.get(number).unwrap_or(&Value::Null), false);
                }
                if self.harms(60) {
                    self.push(",");
                }
                self.push("]");
            }
            Value::String(text) => {
                let text = self.quoted(text);
                self.push(&text);
                if self.harms(80) {
                    self.text.pop();
                    self.text.extend_from_slice(self.dice.pick(&[
                        &b"\xff\""[..],
                        b"\n\"",
                        b"\xed\xa0\x80\"",
                        b"\\u00",
                    ]));
                }
            }
            other => self.push(&other.to_string()),
        }
    }

    fn field(&mut self, key: &str, value: &Value, other: &Value, is_map: bool) {
        let key_as = if !is_map && self.dice.once_in(5) { self.respelled(key) } else { key.to_owned() };
        let quoted = self.quoted(&key_as);
        self.push(&quoted);
        self.push(":");
        self.value(value, other, ["Labels", "annotations"].contains(&key));
    }

    /// A key in another case, with the letters outside of ASCII that fold into it.
    fn respelled(&mut self, key: &str) -> String {
        key.chars()
            .map(|c| match (self.dice.below(4), c) {
                (0, _) => c.to_ascii_uppercase(),
                (1, _) => c.to_ascii_lowercase(),
                (2, 's' | 'S') => '\u{17f}',
                (2, 'k' | 'K') => '\u{212a}',
                _ => c,
            })
            .collect()
    }

    fn quoted(&mut self, text: &str) -> String {
        let escaped = |c: char| format!("\\u{:04x}", u32::from(c));
        let shown: String =
            text.chars().map(|c| if self.dice.once_in(25) { escaped(c) } else { c.to_string() }).collect();
        format!("\"{shown}\"")
    }
}

fn written(parts: &Parts, kind: u8, case: u64) -> (Vec<u8>, bool) {
    let mut dice = Dice::new(case);
    let most = dice.below(3);
    let (value, other) = (parts.document(kind, 0), parts.document(kind, 1));
    let mut writer = Writer { dice: &mut dice, text: Vec::new(), harm: 0, most };
    writer.value(&value, &other, false);
    if writer.harms(30) {
        writer.push("{}");
    }
    let is_sound = writer.harm == 0;
    (writer.text, is_sound)
}

fn of_config(image: &ImageContent) -> Config {
    let history = &image.config.history;
    let created = |entry: &imgbudget::domain::HistoryEntry| entry.created_by.clone().unwrap_or_default();
    Config {
        user: image.config.user.clone().unwrap_or_default(),
        os: image.config.platform.os.clone(),
        architecture: image.config.platform.architecture.clone(),
        variant: image.config.platform.variant.clone().unwrap_or_default(),
        diff_ids: Some(image.config.diff_ids.iter().map(ToString::to_string).collect()),
        created_by: Some(history.iter().map(created).collect()),
        empty: Some(history.iter().map(|entry| entry.empty_layer).collect()),
    }
}

/// Go's config in the normal form of ours.
fn normal(config: Config) -> Config {
    let or = |text: String, absent: &str| if text.is_empty() { absent.to_owned() } else { text };
    let variant = Some(config.variant.as_str());
    let platform = Platform::new(&or(config.os, "linux"), &or(config.architecture, "unknown"), variant);
    Config {
        os: platform.os,
        architecture: platform.architecture,
        variant: platform.variant.unwrap_or_default(),
        diff_ids: Some(config.diff_ids.unwrap_or_default()),
        created_by: Some(config.created_by.unwrap_or_default()),
        empty: Some(config.empty.unwrap_or_default()),
        user: config.user,
    }
}

#[test]
fn documents_are_read_as_go_reads_them() {
    let Some(go) = Program::build("json", "documents_are_read_as_go_reads_them") else { return };
    let many = std::env::var("IMGBUDGET_DOCUMENTS").ok().and_then(|many| many.parse().ok()).unwrap_or(1000_u64);
    let parts = Parts::new();
    for (kind, name) in [(b'c', "configs"), (b's', "manifest.json"), (b'm', "manifests"), (b'i', "index.json")] {
        let documents: Vec<_> = (0..many).map(|case| written(&parts, kind, case)).collect();
        let inputs: Vec<Vec<u8>> = documents.iter().map(|(text, _)| [&[kind], text.as_slice()].concat()).collect();
        let (version, answers) = go.answers::<Answer>(&inputs);
        let (mut equal, mut refused, mut unread, mut sound) = (0, 0, 0, 0);
        for (case, ((text, is_sound), answer)) in documents.iter().zip(answers).enumerate() {
            let shown = || format!("case {case} of {name}: {}\nGo: {answer:?}", String::from_utf8_lossy(text));
            sound += u64::from(*is_sound);
            let ours = read(&parts.archive(kind, text));
            let Ok(ours) = ours else {
                assert!(!is_sound, "refused: {:?}\n{}", ours.err(), shown());
                refused += 1;
                continue;
            };
            // No engine takes it; what is wrong with it is nothing that we read.
            if UNREAD.iter().any(|field| answer.error.ends_with(field)) {
                unread += 1;
                continue;
            }
            assert_eq!(answer.error, "", "{}", shown());
            if kind == b'c' {
                let seen = of_config(&ours);
                let message = shown();
                for config in answer.configs.expect("two readings") {
                    assert_eq!(seen, normal(config), "{message}");
                }
            } else {
                let seen = (ours.config.user.clone().unwrap_or_default(), sizes(&ours));
                assert_eq!(Some(seen), parts.of_go(kind, &answer), "{}", shown());
            }
            equal += 1;
        }
        println!(
            "{version}: {many} {name} ({sound} as writers write them): {equal} read as Go does, {refused} refused, {unread} by Go alone"
        );
        assert!(sound > many / 4 && refused > many / 20, "the dice are loaded");
    }
}
