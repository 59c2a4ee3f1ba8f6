//! Bills against the published schema.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;

use super::super::fixture::{HOSTILE, fixture, hostile};
use super::*;
use crate::domain::{Bytes, Contents, Distro, UnreadFile};

/// The published schema, with the two that it refers to.
static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let json = |text| serde_json::from_str::<Value>(text).expect("JSON");
    let schema = json(include_str!("../../../tests/schemas/cyclonedx/bom-1.6.SNAPSHOT.schema.json"));
    let resource = |name: &str, text| {
        let resource = jsonschema::Resource::from_contents(json(text));
        (format!("http://cyclonedx.org/schema/{name}"), resource)
    };
    let spdx = include_str!("../../../tests/schemas/cyclonedx/spdx.SNAPSHOT.schema.json");
    let jsf = include_str!("../../../tests/schemas/cyclonedx/jsf-0.82.SNAPSHOT.schema.json");
    let registry = jsonschema::Registry::new()
        .extend([resource("spdx.SNAPSHOT.schema.json", spdx), resource("jsf-0.82.SNAPSHOT.schema.json", jsf)])
        .and_then(jsonschema::RegistryBuilder::prepare)
        .expect("schemas");
    jsonschema::options().with_registry(&registry).build(&schema).expect("a schema")
});

fn contents() -> Contents {
    let package = |ecosystem, name: &str, more: fn(&mut Package)| {
        let mut package =
            Package { version: Some("1.0".to_owned()), bytes: Bytes(7), files: 1, ..Package::new(ecosystem, name) };
        more(&mut package);
        package
    };
    let list = vec![
        package(Ecosystem::Deb, "bash", |bash| {
            bash.needs = vec![vec!["libc6".to_owned()]];
            bash.layer = Some(0);
            bash.is_automatic = Some(false);
        }),
        package(Ecosystem::Deb, "libc6", |libc| {
            (libc.source, libc.architecture) = (Some("glibc".to_owned()), Some("amd64".to_owned()));
        }),
        package(Ecosystem::Npm, "left-pad", |npm| {
            (npm.path, npm.is_dev) = (Some("/app/node_modules/left-pad".to_owned()), Some(true));
            npm.licences = vec!["WTFPL".to_owned()];
        }),
        package(Ecosystem::Npm, "left-pad", |npm| npm.path = Some("/app/node_modules/left-pad".to_owned())),
    ];
    let distro = Some(Distro { id: "debian".to_owned(), version: Some("12".to_owned()) });
    let unread = vec![UnreadFile { path: "/var/lib/rpm/Packages".to_owned(), why: "is a Berkeley DB".to_owned() }];
    Contents { packages: Some(Packages { distro, list, ..Packages::default() }), unread, ..Contents::default() }
}

/// The fixture with only its first target.
fn one() -> Report {
    let mut report = fixture();
    report.targets.truncate(1);
    report.targets[0].contents = Some(contents());
    report
}

fn written(report: &Report) -> String {
    let mut out = Vec::new();
    render(report, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("UTF-8")
}

/// What is written, after validation.
fn valid(report: &Report) -> Value {
    let value: Value = serde_json::from_str(&written(report)).expect("JSON");
    if let Err(error) = VALIDATOR.validate(&value) {
        panic!("{error} at {}", error.instance_path());
    }
    value
}

/// Every reference, and every one that something refers to.
fn references(value: &Value, of: &mut Vec<String>, to: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| references(value, of, to)),
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("bom-ref", Value::String(reference)) => of.push(reference.clone()),
                    ("ref", Value::String(reference)) => to.push(reference.clone()),
                    ("dependsOn" | "assemblies", Value::Array(list)) => {
                        to.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => references(value, of, to),
                }
            }
        }
        _ => {}
    }
}

fn is_closed(value: &Value) {
    let (mut of, mut to) = (Vec::new(), Vec::new());
    references(value, &mut of, &mut to);
    let unique: BTreeSet<&String> = of.iter().collect();
    assert_eq!(unique.len(), of.len(), "each is unique");
    assert!(to.iter().all(|reference| unique.contains(reference)), "each is there");
}

#[test]
fn one_image_is_what_its_bill_is_about() {
    let bill = written(&one());
    // Both change with each version of imgbudget.
    let steady = |line: &&str| !line.contains("serialNumber") && !line.contains(env!("CARGO_PKG_VERSION"));
    insta::assert_snapshot!(bill.lines().filter(steady).collect::<Vec<_>>().join("\n"), @r#"
    {
      "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
      "bomFormat": "CycloneDX",
      "specVersion": "1.6",
      "version": 1,
      "metadata": {
        "tools": {
          "components": [
            {
              "type": "application",
              "name": "imgbudget",
            }
          ]
        },
        "component": {
          "type": "container",
          "bom-ref": "image:api",
          "name": "api",
          "version": "sha256:0707070707070707070707070707070707070707070707070707070707070707",
          "properties": [
            {
              "name": "imgbudget:platform",
              "value": "linux/amd64"
            },
            {
              "name": "imgbudget:bytes",
              "value": "162000000"
            },
            {
              "name": "imgbudget:unread",
              "value": "/var/lib/rpm/Packages is a Berkeley DB"
            }
          ]
        }
      },
      "components": [
        {
          "type": "operating-system",
          "bom-ref": "os:debian",
          "name": "debian",
          "version": "12"
        },
        {
          "type": "library",
          "bom-ref": "pkg:deb/debian/bash@1.0?distro=debian-12",
          "name": "bash",
          "version": "1.0",
          "purl": "pkg:deb/debian/bash@1.0?distro=debian-12",
          "properties": [
            {
              "name": "imgbudget:ecosystem",
              "value": "deb"
            },
            {
              "name": "imgbudget:bytes",
              "value": "7"
            },
            {
              "name": "imgbudget:files",
              "value": "1"
            },
            {
              "name": "imgbudget:layer",
              "value": "sha256:0101010101010101010101010101010101010101010101010101010101010101"
            },
            {
              "name": "imgbudget:automatic",
              "value": "false"
            }
          ]
        },
        {
          "type": "library",
          "bom-ref": "pkg:deb/debian/libc6@1.0?arch=amd64&distro=debian-12&upstream=glibc",
          "name": "libc6",
          "version": "1.0",
          "purl": "pkg:deb/debian/libc6@1.0?arch=amd64&distro=debian-12&upstream=glibc",
          "properties": [
            {
              "name": "imgbudget:ecosystem",
              "value": "deb"
            },
            {
              "name": "imgbudget:bytes",
              "value": "7"
            },
            {
              "name": "imgbudget:files",
              "value": "1"
            },
            {
              "name": "imgbudget:source",
              "value": "glibc"
            }
          ]
        },
        {
          "type": "library",
          "bom-ref": "pkg:npm/left-pad@1.0#%2Fapp%2Fnode_modules%2Fleft-pad",
          "name": "left-pad",
          "version": "1.0",
          "scope": "optional",
          "licenses": [
            {
              "license": {
                "name": "WTFPL"
              }
            }
          ],
          "purl": "pkg:npm/left-pad@1.0",
          "evidence": {
            "occurrences": [
              {
                "location": "/app/node_modules/left-pad"
              }
            ]
          },
          "properties": [
            {
              "name": "imgbudget:ecosystem",
              "value": "npm"
            },
            {
              "name": "imgbudget:bytes",
              "value": "7"
            },
            {
              "name": "imgbudget:files",
              "value": "1"
            }
          ]
        },
        {
          "type": "library",
          "bom-ref": "pkg:npm/left-pad@1.0#%2Fapp%2Fnode_modules%2Fleft-pad#2",
          "name": "left-pad",
          "version": "1.0",
          "purl": "pkg:npm/left-pad@1.0",
          "evidence": {
            "occurrences": [
              {
                "location": "/app/node_modules/left-pad"
              }
            ]
          },
          "properties": [
            {
              "name": "imgbudget:ecosystem",
              "value": "npm"
            },
            {
              "name": "imgbudget:bytes",
              "value": "7"
            },
            {
              "name": "imgbudget:files",
              "value": "1"
            }
          ]
        }
      ],
      "dependencies": [
        {
          "ref": "image:api",
          "dependsOn": [
            "os:debian",
            "pkg:deb/debian/bash@1.0?distro=debian-12",
            "pkg:deb/debian/libc6@1.0?arch=amd64&distro=debian-12&upstream=glibc",
            "pkg:npm/left-pad@1.0#%2Fapp%2Fnode_modules%2Fleft-pad",
            "pkg:npm/left-pad@1.0#%2Fapp%2Fnode_modules%2Fleft-pad#2"
          ]
        },
        {
          "ref": "pkg:deb/debian/bash@1.0?distro=debian-12",
          "dependsOn": [
            "pkg:deb/debian/libc6@1.0?arch=amd64&distro=debian-12&upstream=glibc"
          ]
        }
      ],
      "compositions": [
        {
          "aggregate": "incomplete",
          "assemblies": [
            "image:api"
          ]
        }
      ]
    }
    "#);
    is_closed(&valid(&one()));
}

#[test]
fn several_images_are_components_each_with_its_packages() {
    let mut report = fixture();
    for target in &mut report.targets[..2] {
        target.contents = Some(contents());
    }
    let bill = valid(&report);
    is_closed(&bill);
    let of = |value: &Value| value.as_array().map(Vec::len).unwrap_or_default();
    let shown = |image: &Value| format!("{} {} {}", image["type"], image["name"], of(&image["components"]));
    let images: Vec<String> = bill["components"].as_array().expect("images").iter().map(shown).collect();
    insta::assert_snapshot!(images.join("\n"), @r#"
    "container" "api" 5
    "container" "web" 5
    "container" "site" 0
    "container" "tool" 0
    "container" "batch" 0
    "#);
    assert_eq!(bill["metadata"]["component"], Value::Null);
}

#[test]
fn what_was_not_read_makes_it_incomplete() {
    let gaps = |report: &Report| {
        let bill = valid(report);
        let facts = bill["metadata"]["component"]["properties"].as_array().cloned().unwrap_or_default();
        let unread =
            facts.iter().filter(|fact| fact["name"] == "imgbudget:unread").map(|fact| fact["value"].to_string());
        (bill["compositions"][0]["aggregate"].clone(), unread.collect::<Vec<_>>().join("\n"))
    };
    let mut report = one();
    assert_eq!(gaps(&report), ("incomplete".into(), "\"/var/lib/rpm/Packages is a Berkeley DB\"".to_owned()));
    report.targets[0].contents.as_mut().expect("has some").unread.clear();
    assert_eq!(gaps(&report), (Value::Null, String::new()));
    report.targets[0].contents = None;
    assert_eq!(gaps(&report), ("incomplete".into(), "\"the packages of the image were not looked up\"".to_owned()));
    let mut report = fixture();
    report.targets.retain(|target| target.error.is_some());
    insta::assert_snapshot!(gaps(&report).1, @r#""the image was not measured: the build failed: RUN make all: exit code 2""#);
}

#[test]
fn the_same_images_have_the_same_bill_and_others_another() {
    let (report, mut other) = (one(), one());
    assert_eq!(written(&report), written(&report));
    other.targets[0].contents = None;
    assert_ne!(valid(&report)["serialNumber"], valid(&other)["serialNumber"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_name_breaks_it(text in HOSTILE, other in HOSTILE) {
        let mut report = hostile(&text);
        for target in &mut report.targets {
            let mut contents = contents();
            contents.unread[0].why.clone_from(&text);
            let packages = contents.packages.as_mut().expect("has some");
            packages.distro = Some(Distro { id: text.clone(), version: Some(other.clone()) });
            for package in &mut packages.list {
                (package.name, package.version) = (text.clone(), Some(other.clone()));
                package.path = Some(other.clone());
                package.needs = vec![vec![text.clone()]];
                package.licences = vec![text.clone()];
            }
            target.contents = Some(contents);
        }
        is_closed(&valid(&report));
    }
}
