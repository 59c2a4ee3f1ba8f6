//! The objects of CycloneDX 1.6 that are written: <https://cyclonedx.org/docs/1.6/json/>.

use serde::Serialize;

/// A bill of materials.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bom {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    #[serde(rename = "bomFormat")]
    pub(super) format: &'static str,
    pub(super) spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial_number: Option<String>,
    pub(super) version: u32,
    pub(super) metadata: Metadata,
    pub(super) components: Vec<Component>,
    pub(super) dependencies: Vec<Dependency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) compositions: Vec<Composition>,
}

/// What it is about and who made it. No time: the same images have the same bill.
#[derive(Debug, Serialize)]
pub(super) struct Metadata {
    pub(super) tools: Tools,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) component: Option<Component>,
}

/// Who made it.
#[derive(Debug, Serialize)]
pub(super) struct Tools {
    pub(super) components: [Component; 1],
}

/// An image, its distribution, a package.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bom_ref: Option<String>,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) components: Vec<Component>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property>,
}

impl Component {
    /// One of which nothing but this is known.
    pub(super) fn new(kind: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind,
            bom_ref: None,
            name: name.into(),
            version: None,
            scope: None,
            licenses: Vec::new(),
            purl: None,
            components: Vec::new(),
            evidence: None,
            properties: Vec::new(),
        }
    }
}

/// A licence.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    pub(super) license: License,
}

/// Its text as the package has it: whether that is an identifier of SPDX is not looked up.
#[derive(Debug, Serialize)]
pub(super) struct License {
    pub(super) name: String,
}

/// Where a component was seen.
#[derive(Debug, Serialize)]
pub(super) struct Evidence {
    pub(super) occurrences: [Occurrence; 1],
}

/// A place.
#[derive(Debug, Serialize)]
pub(super) struct Occurrence {
    pub(super) location: String,
}

/// What CycloneDX has no words for.
#[derive(Debug, Serialize)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// What a component needs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) of: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) depends_on: Vec<String>,
}

/// How complete the list of what is in components is.
#[derive(Debug, Serialize)]
pub(super) struct Composition {
    pub(super) aggregate: &'static str,
    pub(super) assemblies: Vec<String>,
}
