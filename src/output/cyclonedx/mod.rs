//! `cyclonedx`: CycloneDX 1.6 as JSON, for scanners: the packages of the images, with the bytes and the layer of each.
//!
//! The bill of one image is about that image, and its packages are its components. The bill of several has the images as components,
//! each with its packages in it. The same images have the same bill: it has no time, and its serial number is made of what it says.
//! What is not known of the packages is said of the image, whose composition is then `incomplete`.

mod bom;
mod purl;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::label::Labels;
use crate::domain::{Digest, Ecosystem, Package, Packages, Report, TargetReport};
use crate::text;
use bom::{Bom, Choice, Component, Composition, Dependency, Evidence, License, Metadata, Occurrence, Property, Tools};

const SCHEMA: &str = "http://cyclonedx.org/schema/bom-1.6.schema.json";

/// The most components that are told to fill one need by its name: copies of one name may be many.
const MOST_OF_ONE_NAME: usize = 4;

/// Writes the bill.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut bill = bill(report);
    // RFC 9562, version 8: made of the rest by a way of our own.
    let hex = Digest::of(serde_json::to_vec(&bill)?).hex();
    bill.serial_number =
        Some(format!("urn:uuid:{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32]));
    let mut written = serde_json::to_string_pretty(&bill)?;
    written.push('\n');
    out.write_all(text::json(&written).as_bytes())
}

fn bill(report: &Report) -> Bom {
    let labels = Labels::new(report);
    let mut writer = Writer::default();
    let mut images: Vec<Component> =
        report.targets.iter().map(|target| writer.image(target, &labels.of(target))).collect();
    let (component, components) = match images.len() {
        1 => {
            let mut image = images.remove(0);
            let components = std::mem::take(&mut image.components);
            (Some(image), components)
        }
        _ => (None, images),
    };
    let tool = Component {
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Component::new("application", env!("CARGO_PKG_NAME"))
    };
    Bom {
        schema: SCHEMA,
        format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: Metadata { tools: Tools { components: [tool] }, component },
        components,
        dependencies: writer.dependencies,
        compositions: writer.compositions,
    }
}

/// What gathers while images are written.
#[derive(Default)]
struct Writer {
    /// References, which are unique in a bill, and how often each was wanted.
    taken: BTreeMap<String, u64>,
    dependencies: Vec<Dependency>,
    compositions: Vec<Composition>,
}

impl Writer {
    /// An image with all that is in it.
    fn image(&mut self, target: &TargetReport, label: &str) -> Component {
        let reference = self.reference(format!("image:{}", purl::encoded(label)));
        let packages = target.contents.as_ref().and_then(|contents| contents.packages.as_ref());
        let gaps = gaps(target, packages);
        let (system, mut components, mut dependencies) = self.packages(target, packages);
        let all = system.iter().chain(&components).filter_map(|component| component.bom_ref.clone());
        self.dependencies
            .push(Dependency { of: reference.clone(), depends_on: all.collect::<BTreeSet<_>>().into_iter().collect() });
        self.dependencies.append(&mut dependencies);
        if !gaps.is_empty() {
            self.compositions.push(Composition { aggregate: "incomplete", assemblies: vec![reference.clone()] });
        }
        components.splice(0..0, system);
        let image = target.image.as_ref();
        let platform = target.platform.as_ref().map(ToString::to_string);
        let facts = [
            ("imgbudget:platform", platform),
            ("imgbudget:reference", image.and_then(|image| image.reference.clone())),
            ("imgbudget:digest", image.and_then(|image| image.digest.as_ref()).map(ToString::to_string)),
            ("imgbudget:bytes", target.size.map(|size| size.0.to_string())),
        ];
        let facts = facts.into_iter().filter_map(|(name, value)| Some(Property { name, value: value? }));
        let gaps = gaps.into_iter().map(|value| Property { name: "imgbudget:unread", value });
        Component {
            bom_ref: Some(reference),
            version: image.map(|image| image.id.to_string()),
            components,
            properties: facts.chain(gaps).collect(),
            ..Component::new("container", target.name.as_str())
        }
    }

    /// The distribution of an image, its packages, and what they need.
    fn packages(
        &mut self,
        target: &TargetReport,
        packages: Option<&Packages>,
    ) -> (Option<Component>, Vec<Component>, Vec<Dependency>) {
        let Some(Packages { distro, list, .. }) = packages else { return (None, Vec::new(), Vec::new()) };
        let system = distro.as_ref().map(|distro| Component {
            bom_ref: Some(self.reference(format!("os:{}", purl::encoded(&distro.id)))),
            version: distro.version.clone(),
            ..Component::new("operating-system", distro.id.clone())
        });
        let mut components = Vec::with_capacity(list.len());
        let mut named: BTreeMap<(Ecosystem, &str), Vec<usize>> = BTreeMap::new();
        for (position, package) in list.iter().enumerate() {
            let purl = purl::of(package, distro.as_ref());
            let place = package.path.as_deref().map(|path| format!("#{}", purl::encoded(path))).unwrap_or_default();
            let name = purl.clone().unwrap_or_else(|| format!("package:{}", purl::encoded(&package.name)));
            let reference = self.reference(name + &place);
            components.push(component(package, purl, reference, target));
            let same = named.entry((package.ecosystem, &package.name)).or_default();
            if same.len() < MOST_OF_ONE_NAME {
                same.push(position);
            }
        }
        let reference = |position: &usize| components.get(*position)?.bom_ref.clone();
        let mut dependencies = Vec::new();
        for (package, component) in list.iter().zip(&components).filter(|(package, _)| package.ecosystem.is_of_os()) {
            let fillers =
                package.needs.iter().flatten().filter_map(|name| named.get(&(package.ecosystem, name.as_str())));
            let needed: BTreeSet<String> = fillers.flatten().filter_map(reference).collect();
            if let Some(of) = component.bom_ref.clone().filter(|_| !needed.is_empty()) {
                dependencies.push(Dependency { of, depends_on: needed.into_iter().collect() });
            }
        }
        (system, components, dependencies)
    }

    /// A reference that nothing else has. What is wanted has at most one `#`, so a number behind another one is new.
    fn reference(&mut self, wanted: String) -> String {
        let times = self.taken.entry(wanted.clone()).or_default();
        *times += 1;
        if *times == 1 { wanted } else { format!("{wanted}#{times}") }
    }
}

/// What is not known of an image's packages.
fn gaps(target: &TargetReport, packages: Option<&Packages>) -> Vec<String> {
    let unread = target.contents.iter().flat_map(|contents| &contents.unread);
    let why = match (&target.error, packages) {
        (Some(error), None) => Some(format!("the image was not measured: {}", error.message)),
        (_, None) => Some("the packages of the image were not looked up".to_owned()),
        (_, Some(_)) => None,
    };
    why.into_iter().chain(unread.map(|file| format!("{} {}", file.path, file.why))).collect()
}

/// A package.
fn component(package: &Package, purl: Option<String>, reference: String, target: &TargetReport) -> Component {
    let layer = package.layer.and_then(|layer| target.layers.get(layer));
    let facts = [
        ("imgbudget:ecosystem", Some(package.ecosystem.to_string())),
        ("imgbudget:bytes", Some(package.bytes.0.to_string())),
        ("imgbudget:files", Some(package.files.to_string())),
        ("imgbudget:layer", layer.map(|layer| layer.diff_id.to_string())),
        ("imgbudget:automatic", package.is_automatic.map(|is_automatic| is_automatic.to_string())),
        ("imgbudget:source", package.source.clone()),
    ];
    let choice = |name: &String| Choice { license: License { name: name.clone() } };
    let evidence = |location: &String| Evidence { occurrences: [Occurrence { location: location.clone() }] };
    Component {
        bom_ref: Some(reference),
        version: package.version.clone(),
        scope: package.is_dev.filter(|is_dev| *is_dev).map(|_| "optional"),
        licenses: package.licences.iter().map(choice).collect(),
        purl,
        evidence: package.path.as_ref().map(evidence),
        properties: facts.into_iter().filter_map(|(name, value)| Some(Property { name, value: value? })).collect(),
        ..Component::new("library", package.name.clone())
    }
}

#[cfg(test)]
mod tests;
