//! The JSON Schema of budgets.toml, for editors. It is made from the types below, which hold nothing and serve nothing else:
//! a derived decoder would report one problem only, so the decoder is our own, and a test keeps the keys of both the same.
#![expect(dead_code, reason = "the fields are read by the derive alone")]
#![expect(clippy::zero_sized_map_values, clippy::struct_field_names, reason = "the types are shapes, and hold nothing")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// The JSON Schema of the root file. Included files hold a part of it and are valid against it too.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(File);
    schema.insert("title".to_owned(), "budgets.toml".into());
    schema.to_value()
}

/// Every key of a derived table may be left out; the few that may not are named at the table.
fn optional(schema: &mut Schema) {
    schema.remove("required");
}

/// What container images may weigh and hold. imgbudget builds each target, measures it, and judges it by this file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct File {
    /// Version of this format; 1 when absent.
    #[schemars(range(min = 1, max = 1))]
    version: u32,
    /// Paths or globs of files whose targets and exceptions are judged together with this one's. Relative to this file; a pattern that matches nothing is an error.
    include: Vec<String>,
    /// Budget keys for every target. A profile's key replaces one of these, a target's key replaces both.
    defaults: Rules,
    /// Named sets of budget keys, which a target takes up with `profile`.
    profiles: BTreeMap<String, Rules>,
    /// What to measure, by the name that people see: 1 to 64 of A-Z a-z 0-9 . _ -
    #[schemars(extend("propertyNames" = { "pattern": "^[A-Za-z0-9._-]{1,64}$" }))]
    targets: BTreeMap<String, Target>,
    /// Reasoned exceptions. They add up and never replace one another.
    allow: Vec<Allow>,
    /// What all targets together must keep to.
    fleet: Fleet,
    /// How the comment on a pull or merge request behaves.
    comment: Comment,
    /// What change and growth are measured against.
    baseline: Baseline,
    /// What becomes of changes to this file itself.
    policy: Policy,
}

/// One image, and its budget.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct Target {
    /// The profile whose budget keys hold for this target.
    profile: String,
    /// The directory to build in, relative to this file. With it, imgbudget builds the image; beside `image`, `archive` or `layout` it was
    /// built there elsewhere, and its Dockerfile explains the layers.
    context: String,
    /// The Dockerfile, relative to the context, or to this file where there is none; `Dockerfile` when absent.
    dockerfile: String,
    /// The stage that is built, or was; the last one when absent.
    target: String,
    /// Build arguments: text, or a variable of the environment, which is left out when it is not set. One whose name is a credential's needs --build-env.
    build_args: BTreeMap<String, BuildArg>,
    /// The network of RUN steps; `default` when absent.
    network: Network,
    /// The platforms to measure, such as `linux/amd64`, each judged on its own; when absent the engine's own, and in a registry this machine's.
    platforms: Vec<String>,
    /// An image that exists: measured, not built.
    image: String,
    /// Where to look for `image`, and for `base`; `auto` when absent.
    from: LookIn,
    /// A file that `docker save` wrote, or an OCI archive. Relative to this file.
    archive: String,
    /// Which image of the archive or layout, when it holds several: a name, its tag alone where one image has it, or a digest.
    archive_image: String,
    /// A directory that is an OCI image layout. Relative to this file.
    layout: String,
    /// Beside `image`, `archive` or `layout`: the image that it was built on. Where its layers are the first of the image, those are the base
    /// image's, and the others its own. Looked for as `from` says.
    base: String,
    #[schemars(flatten)]
    rules: Rules,
}

/// Budget keys. What is not written here, nor inherited, is not judged.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct Rules {
    /// Size of all layers together, uncompressed.
    max_size: Limit<Size>,
    /// Size of the compressed layers: what a registry stores and a node pulls.
    max_compressed_size: Limit<Size>,
    /// Size of the layers above the base image.
    max_own_size: Limit<Size>,
    /// Number of layers, those of the base image included.
    max_layers: Limit<u64>,
    /// Size of the largest layer.
    max_layer_size: Limit<Size>,
    /// Bytes in layers that the final file system does not show, because a later layer replaced or deleted them.
    max_wasted: Limit<Size>,
    /// Growth against the baseline. Not judged while there is none, nor for a target that it does not have.
    max_growth: Limit<Growth>,
    /// Growth of the layers above the base image. A base image that moved never counts.
    max_own_growth: Limit<Growth>,
    /// Number of packages of the operating system (dpkg, apk, rpm).
    max_os_packages: Limit<u64>,
    /// Tools that must not be in the image: names of commands and `@groups`. Replaces an inherited list.
    forbid_tools: Forbidden,
    /// Tools that are forbidden beside the inherited ones.
    extend_forbid_tools: Forbidden,
    /// Paths that must not be in the image: globs, in which `*` stays in one directory and `**` does not, and `@groups` such as
    /// `@caches` and `@secrets`. Replaces an inherited list.
    forbid_paths: Forbidden,
    /// Paths that are forbidden beside the inherited ones.
    extend_forbid_paths: Forbidden,
    /// Whether the image must name a user other than root.
    require_non_root: Demand,
    /// What it means that a forbidden tool was deleted by a later layer, so that its bytes still ship; `warn` when absent.
    shadowed_tools: Level,
    /// What it means that BusyBox provides a tool of a forbidden group; a note when absent. A tool that is forbidden by its name is
    /// found in BusyBox, whatever this says.
    busybox_applets: Level,
    /// The first day, in UTC, on which these rules fail: until then they warn, and say how many days are left. A rule may have its own,
    /// as in `max-size = { fail = "150 MB", enforce-from = 2027-01-01 }`. `false` takes an inherited day away.
    enforce_from: Enforced,
}

/// A reasoned exception.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", extend("required" = ["rule", "reason"]))]
struct Allow {
    /// Names or globs of targets; all of the file's targets when absent.
    targets: Vec<String>,
    /// The rule that is excused, by its code.
    rule: AllowedRule,
    /// What of a rule about tools or paths is excused: names, globs or `@groups`; all of it when absent.
    #[schemars(rename = "match")]
    matches: Vec<String>,
    /// Of a rule about tools or paths only what the base image brought, so that the same tool in a layer of one's own is found.
    origin: AllowedOrigin,
    /// For limits, and required there: the limit that holds instead.
    up_to: Growth,
    /// Why. Whoever meets this exception next year wants to know.
    #[schemars(length(min = 1))]
    reason: String,
    /// The last day on which it holds, in UTC. It warns for its last 14 days and fails after.
    until: Day,
}

/// What all targets together must keep to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct Fleet {
    /// Size of all targets together, shared layers counted once.
    max_size: Limit<Size>,
}

/// How the comment behaves.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct Comment {
    /// Changes smaller than this do not call for a comment by themselves; 1 MB when absent.
    min_change: Size,
}

/// What change and growth are measured against. Flags override it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct Baseline {
    /// A lock file (`imgbudget update` writes it) or an earlier JSON report, relative to this file.
    file: String,
    /// An image in a registry, or several, of which the first that is there counts: `{target}` stands for the target's name, `{base-sha}` for
    /// the commit that a change was made on. It is measured, and judged by the budget of today.
    image: OneOrSeveral,
    /// Whether only what the baseline does not have can fail; what it has is shown as known.
    only_new: bool,
}

/// What becomes of changes to the budget itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case", transform = optional)]
struct Policy {
    /// What it is when the budget allows more than it did at the baseline; `note` when absent. The stricter of then and now holds.
    budget_changes: BudgetChanges,
    /// Only in the file of `--policy`: the budget keys that a repository may loosen, and `only-new` and `budget-changes`; none when
    /// absent.
    may_loosen: Vec<String>,
    /// Only in the file of `--policy`: whether a repository may except something from the policy's rules, or from which; all when absent.
    may_allow: MayAllow,
}

/// What a looser budget is.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum BudgetChanges {
    Note,
    Warn,
    Fail,
}

/// The network of RUN steps.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Network {
    Default,
    Host,
    None,
}

/// Where an image is looked for.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum LookIn {
    /// The engine. The registry only where there is no engine, and only for references with a registry host or a digest.
    Auto,
    /// The engine alone.
    Engine,
    /// The registry alone, without any engine.
    Registry,
}

/// One text, or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum OneOrSeveral {
    /// One.
    One(String),
    /// Several, the best first.
    Several(Vec<String>),
}

/// The value of a build argument.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum BuildArg {
    /// The value itself.
    Text(String),
    /// The value of a variable of the environment.
    Environment(Environment),
}

/// A variable of the environment.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Environment {
    /// The name of the variable.
    env: String,
}

/// A schema that is written down, because no type of Rust says it.
macro_rules! written {
    ($type:ident, $description:literal, $schema:tt) => {
        #[doc = $description]
        struct $type;

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let mut schema = json_schema!($schema);
                schema.insert("description".to_owned(), $description.into());
                schema
            }
        }
    };
}

written!(Size, "A size: \"150 MB\", \"1.35 GB\" (powers of ten), \"150 MiB\" (powers of two), or an integer of bytes.", {
    "anyOf": [
        { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgGtT][iI]?[bB]|[bB]|[bB][yY][tT][eE][sS])?\s*$" },
        { "type": "integer", "minimum": 0 },
    ],
});

written!(Growth, "A size, a percentage such as \"2%\", or the larger of the two: { larger-of = [\"5 MB\", \"2%\"] }.", {
    "anyOf": [
        { "type": "string" },
        { "type": "integer", "minimum": 0 },
        {
            "type": "object",
            "properties": {
                "larger-of": {
                    "description": "One size and one percentage.",
                    "type": "array",
                    "items": { "type": ["string", "integer"] },
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
            "required": ["larger-of"],
            "additionalProperties": false,
        },
    ],
});

written!(Forbidden, "A list that fails, or { fail = [...], warn = [...] }, with enforce-from a day until which all of it warns; [] or false switches an inherited list off.", {
    "anyOf": [
        { "type": "array", "items": { "type": "string" } },
        {
            "type": "object",
            "properties": {
                "fail": { "description": "What fails the target.", "type": "array", "items": { "type": "string" } },
                "warn": { "description": "What only warns.", "type": "array", "items": { "type": "string" } },
                "enforce-from": { "description": "The first day on which it fails; it warns until then.", "type": "string" },
            },
            "additionalProperties": false,
        },
        { "const": false },
    ],
});

written!(Demand, "true fails, \"warn\" warns, { fail = true, enforce-from = 2027-03-31 } fails from that day on, false switches an inherited demand off.", {
    "anyOf": [
        { "enum": [true, false, "off", "warn", "fail"] },
        {
            "type": "object",
            "properties": { "fail": { "const": true }, "enforce-from": { "type": "string" } },
            "required": ["fail"],
            "additionalProperties": false,
        },
    ],
});

written!(Level, "\"off\", \"warn\" or \"fail\"; { fail = true, enforce-from = 2027-03-31 } fails from that day on; false is \"off\".", {
    "anyOf": [
        { "enum": ["off", "warn", "fail", false] },
        {
            "type": "object",
            "properties": { "fail": { "const": true }, "enforce-from": { "type": "string" } },
            "required": ["fail"],
            "additionalProperties": false,
        },
    ],
});

written!(MayAllow, "true for every rule, false for none, or the codes of the rules.", {
    "anyOf": [{ "type": "boolean" }, { "type": "array", "items": { "type": "string" } }],
});

written!(Enforced, "A day without a time and without quotes, such as 2027-03-31; false takes an inherited one away.", {
    "anyOf": [{ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }, { "const": false }],
});

written!(Day, "A day without a time and without quotes, such as 2027-03-31.", {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
});

/// The codes that may stand in `rule`.
struct AllowedRule;

impl JsonSchema for AllowedRule {
    fn schema_name() -> Cow<'static, str> {
        "AllowedRule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<&str> = super::decode::allowed_rules().map(crate::domain::Rule::code).collect();
        json_schema!({ "description": "The code of a rule.", "enum": codes })
    }
}

/// Who brought what an exception excuses.
struct AllowedOrigin;

impl JsonSchema for AllowedOrigin {
    fn schema_name() -> Cow<'static, str> {
        "AllowedOrigin".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "What the base image brought.", "const": "base" })
    }
}

/// A limit of `T`: one value, a soft and a hard side, or `false`.
struct Limit<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Limit<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("LimitOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let side = generator.subschema_for::<T>();
        json_schema!({
            "description": "Fails above it; { warn = ..., fail = ... } gives it a soft and a hard side, and enforce-from beside fail a day until which it warns; false switches an inherited limit off.",
            "anyOf": [
                side,
                {
                    "type": "object",
                    "properties": {
                        "warn": side,
                        "fail": side,
                        "enforce-from": { "description": "The first day on which it fails; it warns until then.", "type": "string" },
                    },
                    "additionalProperties": false,
                    "minProperties": 1,
                },
                { "const": false },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::keys;

    /// Keys of a table in the schema, each of which must have a description.
    fn keys_of(schema: &Value, pointer: &str) -> BTreeSet<String> {
        let table = schema.pointer(pointer).expect(pointer);
        assert_eq!(table["additionalProperties"], Value::Bool(false), "{pointer} is strict");
        let properties = table["properties"].as_object().expect(pointer);
        for (key, value) in properties {
            assert!(value["description"].is_string(), "{pointer}: {key} has no description");
        }
        properties.keys().cloned().collect()
    }

    #[test]
    fn the_schema_knows_the_keys_of_the_decoder() {
        let schema = schema();
        for (pointer, keys) in [
            ("", [keys::ROOT, &[]]),
            ("/$defs/Rules", [keys::RULES, &[]]),
            ("/$defs/Target", [keys::TARGET, keys::RULES]),
            ("/$defs/Allow", [keys::ALLOW, &[]]),
            ("/$defs/Fleet", [keys::FLEET, &[]]),
            ("/$defs/Comment", [keys::COMMENT, &[]]),
            ("/$defs/Baseline", [keys::BASELINE, &[]]),
            ("/$defs/Policy", [keys::POLICY, keys::TERMS]),
            ("/$defs/Environment", [keys::ENVIRONMENT, &[]]),
        ] {
            let keys: BTreeSet<String> = keys.concat().into_iter().map(str::to_owned).collect();
            assert_eq!(keys_of(&schema, pointer), keys, "{pointer}");
        }
        assert!(jsonschema::meta::is_valid(&schema));
    }
}
