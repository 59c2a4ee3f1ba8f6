//! What an image holds: to the wire and back.

use super::mistrust::{all, contradiction, few, most, some, text, texts};
use super::wire;
use crate::Error;
use crate::domain::{self, Bytes};

/// The most packages in one list. Of everything else [`super::read`] says it.
const MOST_PACKAGES: usize = 100_000;

impl From<&domain::Contents> for wire::Contents {
    fn from(contents: &domain::Contents) -> Self {
        let packages = contents.packages.as_ref();
        Self {
            user: contents.user.clone(),
            wasted: contents.wasted.map(|bytes| bytes.0),
            directories: contents.directories.iter().map(wire::Directory::from).collect(),
            package_counts: contents.package_counts.as_ref().map(|counts| counts.iter().map(From::from).collect()),
            distro: packages.and_then(|packages| packages.distro.as_ref()).map(wire::Distro::from),
            packages: packages.map(|packages| packages.list.iter().map(wire::Package::from).collect()),
            can_go: contents.can_go.iter().map(wire::CanGo::from).collect(),
            can_go_bytes: contents.can_go_bytes.0,
            efficiency: contents.efficiency.as_ref().map(wire::Efficiency::from),
            without: contents.without.as_ref().map(wire::Without::from),
            unread: contents.unread.iter().map(wire::UnreadFile::from).collect(),
        }
    }
}

impl TryFrom<wire::Contents> for domain::Contents {
    type Error = Error;

    fn try_from(contents: wire::Contents) -> Result<Self, Error> {
        if contents.distro.is_some() && contents.packages.is_none() {
            return Err(contradiction("a distribution is told without its packages"));
        }
        let distro: Option<domain::Distro> = some(contents.distro)?;
        let package = |packages: Vec<wire::Package>| {
            most(&packages, MOST_PACKAGES, "packages")?;
            let list = packages.into_iter().map(domain::Package::try_from).collect::<Result<_, _>>()?;
            Ok::<_, Error>(domain::Packages { distro, list, recommended: Vec::new() })
        };
        let read = Self {
            user: contents.user.map(text).transpose()?,
            wasted: contents.wasted.map(Bytes),
            directories: all(contents.directories, "directories")?,
            packages: contents.packages.map(package).transpose()?,
            package_counts: contents.package_counts.map(|counts| all(counts, "package_counts")).transpose()?,
            can_go: all(contents.can_go, "can_go")?,
            can_go_bytes: Bytes(contents.can_go_bytes),
            efficiency: some(contents.efficiency)?,
            without: some(contents.without)?,
            map: None,
            unread: all(contents.unread, "unread")?,
        };
        let counted = read.packages.as_ref().map(domain::Packages::counts);
        if counted.is_some() && counted != read.package_counts {
            return Err(contradiction("the packages of a target are not as many as it counts"));
        }
        let named = read.can_go.iter().filter_map(|can_go| can_go.bytes);
        if contents.can_go_bytes > named.fold(0_u64, |sum, bytes| sum.saturating_add(bytes.0)) {
            return Err(contradiction("more can go than all that can go has"));
        }
        Ok(read)
    }
}

/// Whether what is in a target is told of layers that it has.
pub(super) fn is_of_layers(contents: &domain::Contents, layers: usize) -> bool {
    let packages = contents.packages.iter().flat_map(|packages| &packages.list).filter_map(|package| package.layer);
    let can_go = contents.can_go.iter().filter_map(|can_go| can_go.layer);
    let shares = contents.packages.iter().flat_map(|packages| &packages.list).map(|package| &package.brought);
    let shares = shares.chain(contents.directories.iter().map(|directory| &directory.brought));
    let shares = shares.chain(contents.without.iter().map(|without| &without.brought));
    let brought = shares.flatten().map(|(layer, _)| *layer);
    packages.chain(can_go).chain(brought).all(|layer| layer < layers)
}

/// Who brought how much, to the wire.
fn brought(brought: &[(usize, Bytes)]) -> Vec<wire::Brought> {
    brought.iter().map(|(layer, bytes)| wire::Brought { layer: *layer, bytes: bytes.0 }).collect()
}

/// And back: no more than the `whole` that they are parts of.
fn brought_of(brought: Vec<wire::Brought>, whole: u64) -> Result<Vec<(usize, Bytes)>, Error> {
    few(&brought, "layers that brought something")?;
    if brought.iter().fold(0_u64, |sum, part| sum.saturating_add(part.bytes)) > whole {
        return Err(contradiction("layers brought more of something than there is of it"));
    }
    Ok(brought.into_iter().map(|part| (part.layer, Bytes(part.bytes))).collect())
}

impl From<&domain::Distro> for wire::Distro {
    fn from(distro: &domain::Distro) -> Self {
        Self { id: distro.id.clone(), version: distro.version.clone() }
    }
}

impl TryFrom<wire::Distro> for domain::Distro {
    type Error = Error;

    fn try_from(distro: wire::Distro) -> Result<Self, Error> {
        Ok(Self { id: text(distro.id)?, version: distro.version.map(text).transpose()? })
    }
}

impl From<&domain::Directory> for wire::Directory {
    fn from(directory: &domain::Directory) -> Self {
        Self {
            path: directory.path.clone(),
            depth: directory.depth,
            bytes: directory.bytes.0,
            brought: brought(&directory.brought),
        }
    }
}

impl TryFrom<wire::Directory> for domain::Directory {
    type Error = Error;

    fn try_from(directory: wire::Directory) -> Result<Self, Error> {
        Ok(Self {
            path: text(directory.path)?,
            depth: directory.depth,
            bytes: Bytes(directory.bytes),
            brought: brought_of(directory.brought, directory.bytes)?,
        })
    }
}

impl From<&domain::PackageCount> for wire::PackageCount {
    fn from(count: &domain::PackageCount) -> Self {
        Self { ecosystem: count.ecosystem, packages: count.packages, bytes: count.bytes.0 }
    }
}

impl TryFrom<wire::PackageCount> for domain::PackageCount {
    type Error = Error;

    fn try_from(count: wire::PackageCount) -> Result<Self, Error> {
        Ok(Self { ecosystem: count.ecosystem, packages: count.packages, bytes: Bytes(count.bytes) })
    }
}

impl From<&domain::Package> for wire::Package {
    fn from(package: &domain::Package) -> Self {
        Self {
            ecosystem: package.ecosystem,
            name: package.name.clone(),
            version: package.version.clone(),
            architecture: package.architecture.clone(),
            source: package.source.clone(),
            path: package.path.clone(),
            bytes: package.bytes.0,
            files: package.files,
            layer: package.layer,
            brought: brought(&package.brought),
            is_dev: package.is_dev,
            is_automatic: package.is_automatic,
            is_essential: package.is_essential,
            needs: package.needs.clone(),
            wants: package.wants.clone(),
            licences: package.licences.clone(),
        }
    }
}

impl TryFrom<wire::Package> for domain::Package {
    type Error = Error;

    fn try_from(package: wire::Package) -> Result<Self, Error> {
        let names = |lists: Vec<Vec<String>>| {
            few(&lists, "needs of a package")?;
            lists.into_iter().map(|list| texts(list, "packages that fill a need")).collect::<Result<Vec<_>, Error>>()
        };
        Ok(Self {
            ecosystem: package.ecosystem,
            name: text(package.name)?,
            version: package.version.map(text).transpose()?,
            architecture: package.architecture.map(text).transpose()?,
            source: package.source.map(text).transpose()?,
            path: package.path.map(text).transpose()?,
            bytes: Bytes(package.bytes),
            files: package.files,
            layer: package.layer,
            brought: brought_of(package.brought, package.bytes)?,
            is_dev: package.is_dev,
            is_automatic: package.is_automatic,
            is_essential: package.is_essential,
            needs: names(package.needs)?,
            wants: names(package.wants)?,
            licences: texts(package.licences, "licences")?,
        })
    }
}

impl From<&domain::CanGo> for wire::CanGo {
    fn from(can_go: &domain::CanGo) -> Self {
        Self {
            kind: can_go.kind,
            what: can_go.what.clone(),
            paths: can_go.paths.clone(),
            more_paths: can_go.more_paths,
            bytes: can_go.bytes.map(|bytes| bytes.0),
            layer: can_go.layer,
            dockerfile: can_go.line.as_ref().map(wire::Place::from),
            fix: can_go.fix.clone(),
            is_new: can_go.is_new,
        }
    }
}

impl TryFrom<wire::CanGo> for domain::CanGo {
    type Error = Error;

    fn try_from(can_go: wire::CanGo) -> Result<Self, Error> {
        Ok(Self {
            kind: can_go.kind,
            what: text(can_go.what)?,
            paths: texts(can_go.paths, "paths that can go")?,
            more_paths: can_go.more_paths,
            bytes: can_go.bytes.map(Bytes),
            layer: can_go.layer,
            line: some(can_go.dockerfile)?,
            fix: text(can_go.fix)?,
            is_new: can_go.is_new,
        })
    }
}

impl From<&domain::Efficiency> for wire::Efficiency {
    fn from(sums: &domain::Efficiency) -> Self {
        Self {
            ratio: ratio(sums.needed, sums.stored).unwrap_or(1.0),
            wasted_bytes: sums.wasted.0,
            user_wasted_percent: ratio(sums.wasted, sums.above_first),
            needed: sums.needed.0,
            stored: sums.stored.0,
            above_first: sums.above_first.0,
        }
    }
}

impl TryFrom<wire::Efficiency> for domain::Efficiency {
    type Error = Error;

    fn try_from(figures: wire::Efficiency) -> Result<Self, Error> {
        let read = Self {
            needed: Bytes(figures.needed),
            stored: Bytes(figures.stored),
            wasted: Bytes(figures.wasted_bytes),
            above_first: Bytes(figures.above_first),
        };
        let again = wire::Efficiency::from(&read);
        let agree = near(again.ratio, figures.ratio)
            && match (again.user_wasted_percent, figures.user_wasted_percent) {
                (Some(a), Some(b)) => near(a, b),
                (a, b) => a.is_none() && b.is_none(),
            };
        if !agree || read.needed > read.stored || read.wasted > read.stored {
            return Err(contradiction("dive's figures are not those of their sums"));
        }
        Ok(read)
    }
}

/// As dive divides, so that its figures come out to the last digit.
#[expect(clippy::cast_precision_loss, reason = "dive's figures are what this division gives")]
fn ratio(part: Bytes, whole: Bytes) -> Option<f64> {
    (whole.0 > 0).then(|| part.0 as f64 / whole.0 as f64)
}

/// Equal but for what reading and writing decimals may round.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(1.0)
}

impl From<&domain::Without> for wire::Without {
    fn from(without: &domain::Without) -> Self {
        let part = |part: &domain::WithoutGlob| wire::WithoutGlob {
            glob: part.glob.clone(),
            bytes: part.bytes.0,
            files: part.files,
        };
        Self {
            globs: without.globs.iter().map(part).collect(),
            bytes: without.bytes.0,
            brought: brought(&without.brought),
            size: without.size.map(|size| size.0),
        }
    }
}

impl TryFrom<wire::Without> for domain::Without {
    type Error = Error;

    fn try_from(without: wire::Without) -> Result<Self, Error> {
        few(&without.globs, "globs")?;
        let part = |part: wire::WithoutGlob| {
            Ok(domain::WithoutGlob { glob: text(part.glob)?, bytes: Bytes(part.bytes), files: part.files })
        };
        Ok(Self {
            globs: without.globs.into_iter().map(part).collect::<Result<_, Error>>()?,
            bytes: Bytes(without.bytes),
            brought: brought_of(without.brought, without.bytes)?,
            size: without.size.map(Bytes),
        })
    }
}

impl From<&domain::UnreadFile> for wire::UnreadFile {
    fn from(unread: &domain::UnreadFile) -> Self {
        Self { path: unread.path.clone(), why: unread.why.clone() }
    }
}

impl TryFrom<wire::UnreadFile> for domain::UnreadFile {
    type Error = Error;

    fn try_from(unread: wire::UnreadFile) -> Result<Self, Error> {
        Ok(Self { path: text(unread.path)?, why: text(unread.why)? })
    }
}
