//! `imgbudget.why/1`: why something is in an image, written for programs.
//!
//! A later version of imgbudget may add fields. Whatever changes the meaning of a field, or takes one away, makes it `imgbudget.why/2`.

use schemars::JsonSchema;
use serde::Serialize;

use super::wire;
use crate::domain::{self, Bytes, Ecosystem, HiddenBy, ThingKind};

/// The format that this version writes.
pub const SCHEMA: &str = "imgbudget.why/1";

/// Why something is in an image. Paths, names and instructions come from the image and are not escaped.
#[derive(Debug, Serialize, JsonSchema)]
struct Answers {
    /// Name and version of this format: `imgbudget.why/1`.
    #[schemars(regex(pattern = "^imgbudget\\.why/1$"))]
    schema: String,
    /// The version of imgbudget that wrote it.
    imgbudget: String,
    /// One entry for each platform of the image.
    images: Vec<Image>,
}

/// One image.
#[derive(Debug, Serialize, JsonSchema)]
struct Image {
    /// The target's name.
    target: String,
    /// What it was made for.
    platform: Option<wire::Platform>,
    /// What the image is called, where it was not built just now.
    reference: Option<String>,
    /// Its layers from the bottom up; empty where they were not read.
    layers: Vec<wire::Layer>,
    /// One for each word, in their order.
    answers: Vec<Answer>,
    /// Files that had to be read to know more of packages, and were not.
    unread: Vec<wire::UnreadFile>,
}

/// What somebody asked about, and what was found.
#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    /// The word as it was typed.
    asked: String,
    /// What it means, the likeliest first; for a glob the largest. Nothing where nothing was found.
    things: Vec<Thing>,
    /// How many more there are.
    more: u64,
    /// What all of them have together, each byte once.
    bytes: u64,
    /// What is called nearly so, where nothing was found.
    near: Vec<String>,
}

/// What a thing is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, a pipe, a socket.
    Other,
    /// A package of which no file is asked about.
    Package,
}

/// Something in an image.
#[derive(Debug, Serialize, JsonSchema)]
struct Thing {
    /// What it is.
    kind: Kind,
    /// Its absolute path; of a package where it is, and `null` for one of the operating system.
    path: Option<String>,
    /// Of a `link` where it leads, as written.
    to: Option<String>,
    /// Of a `link` where it ends, every link followed; `null` where that is not there.
    end: Option<String>,
    /// The tool that it is.
    tool: Option<String>,
    /// Other paths of the same tool.
    also: Vec<String>,
    /// Its bytes: of a link those that it leads to, of a directory all below.
    bytes: u64,
    /// How many files it has.
    files: u64,
    /// The package that it belongs to, or is.
    package: Option<Package>,
    /// Of a directory: the packages that have most in it.
    packages: Vec<PackageShare>,
    /// Its bytes by the layers that brought them, the most first.
    brought: Vec<wire::Brought>,
    /// Position in `layers`, from 0, of the one that has the same once more, as `chown -R` does.
    again: Option<usize>,
    /// Copies of the same path in lower layers, which ship and are not seen.
    earlier: Vec<Earlier>,
    /// Who hides it; `null` for what is there.
    hidden: Option<Hidden>,
    /// What to do to be without it; `null` where nothing is certain.
    fix: Option<String>,
}

/// What a package has in a directory.
#[derive(Debug, Serialize, JsonSchema)]
struct PackageShare {
    /// Its name.
    name: String,
    /// Its bytes there.
    bytes: u64,
}

/// A copy of a path that a higher layer hides.
#[derive(Debug, Serialize, JsonSchema)]
struct Earlier {
    /// Position in `layers`, from 0, of the one that has it.
    layer: usize,
    /// Position of the one that hides it.
    by: usize,
    /// Its bytes.
    bytes: u64,
}

/// Who hides something.
#[derive(Debug, Serialize, JsonSchema)]
struct Hidden {
    /// Position in `layers`, from 0.
    layer: usize,
    /// How.
    how: HiddenBy,
}

/// A package, why it is there, and what goes with it.
#[derive(Debug, Serialize, JsonSchema)]
struct Package {
    /// Whose.
    ecosystem: Ecosystem,
    /// Its name.
    name: String,
    /// Its version as its ecosystem writes it; `null` where that was not read.
    version: Option<String>,
    /// Where it is; `null` for packages of the operating system.
    path: Option<String>,
    /// What its files take.
    bytes: u64,
    /// How many of them there are.
    files: u64,
    /// From the package that somebody asked for to this one; empty where the database does not say.
    chain: Vec<String>,
    /// Whether a package of that chain only recommends or suggests the next.
    is_recommended: bool,
    /// The first packages that need it.
    needed_by: Vec<String>,
    /// How many more need it.
    needed_by_more: u64,
    /// What goes with it; `null` where it cannot be removed.
    frees: Option<Frees>,
    /// Why it cannot be removed.
    stays: Option<String>,
}

/// What goes with a package.
#[derive(Debug, Serialize, JsonSchema)]
struct Frees {
    /// Bytes of all of them.
    bytes: u64,
    /// How many packages, it included.
    packages: u64,
    /// The first of those that go because they cannot be without it.
    broken: Vec<String>,
    /// How many more of those.
    broken_more: u64,
}

/// The document: indented, with a line break at its end, the same bytes for the same image.
#[must_use]
pub fn to_json(reports: &[domain::WhyReport]) -> String {
    let answers = Answers {
        schema: SCHEMA.to_owned(),
        imgbudget: env!("CARGO_PKG_VERSION").to_owned(),
        images: reports.iter().map(Image::from).collect(),
    };
    super::write::json(&answers)
}

/// The JSON Schema of the format, for `imgbudget schema why`.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Answers).to_value()
}

impl From<&domain::WhyReport> for Image {
    fn from(report: &domain::WhyReport) -> Self {
        Self {
            target: report.target.to_string(),
            platform: report.platform.as_ref().map(wire::Platform::from),
            reference: report.reference.clone(),
            layers: report.layers.iter().map(wire::Layer::from).collect(),
            answers: report.answers.iter().map(Answer::from).collect(),
            unread: report.unread.iter().map(wire::UnreadFile::from).collect(),
        }
    }
}

impl From<&domain::Why> for Answer {
    fn from(why: &domain::Why) -> Self {
        Self {
            asked: why.asked.clone(),
            things: why.things.iter().map(Thing::from).collect(),
            more: why.more,
            bytes: why.bytes.0,
            near: why.near.clone(),
        }
    }
}

impl From<&domain::Thing> for Thing {
    fn from(thing: &domain::Thing) -> Self {
        let (kind, to, end) = match &thing.kind {
            ThingKind::File => (Kind::File, None, None),
            ThingKind::Directory => (Kind::Directory, None, None),
            ThingKind::Link { to, end } => (Kind::Link, Some(to.clone()), end.clone()),
            ThingKind::Other => (Kind::Other, None, None),
            ThingKind::Package => (Kind::Package, None, None),
        };
        let share = |(name, bytes): &(String, Bytes)| PackageShare { name: name.clone(), bytes: bytes.0 };
        let earlier = |it: &domain::Earlier| Earlier { layer: it.layer, by: it.by, bytes: it.bytes.0 };
        Self {
            kind,
            path: thing.path.clone(),
            to,
            end,
            tool: thing.tool.clone(),
            also: thing.also.clone(),
            bytes: thing.bytes.0,
            files: thing.files,
            package: thing.package.as_ref().map(Package::from),
            packages: thing.packages.iter().map(share).collect(),
            brought: thing
                .brought
                .iter()
                .map(|(layer, bytes)| wire::Brought { layer: *layer, bytes: bytes.0 })
                .collect(),
            again: thing.again,
            earlier: thing.earlier.iter().map(earlier).collect(),
            hidden: thing.hidden.map(|(layer, how)| Hidden { layer, how }),
            fix: thing.fix.clone(),
        }
    }
}

impl From<&domain::PackageFacts> for Package {
    fn from(facts: &domain::PackageFacts) -> Self {
        let (frees, stays) = match &facts.removal {
            domain::Freed::Goes { bytes, packages, broken, broken_more } => {
                let (bytes, packages, broken_more) = (bytes.0, *packages, *broken_more);
                (Some(Frees { bytes, packages, broken: broken.clone(), broken_more }), None)
            }
            domain::Freed::Essential(name) => (None, Some(format!("{name} is essential"))),
            domain::Freed::Linked => (None, Some("it is a part of a program".to_owned())),
        };
        Self {
            ecosystem: facts.ecosystem,
            name: facts.name.clone(),
            version: facts.version.clone(),
            path: facts.path.clone(),
            bytes: facts.bytes.0,
            files: facts.files,
            chain: facts.chain.clone(),
            is_recommended: facts.is_recommended,
            needed_by: facts.needed_by.clone(),
            needed_by_more: facts.needed_by_more,
            frees,
            stays,
        }
    }
}
