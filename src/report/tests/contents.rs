//! What an image holds, on the wire and back.

use super::*;
use crate::domain::{
    CanGo, CanGoKind, Contents, Directory, Distro, Ecosystem, Efficiency, Package, Packages, TargetReport, UnreadFile,
    Without, WithoutGlob,
};
use crate::report::to_whole_json;

fn package() -> impl Strategy<Value = Package> {
    let texts = (any::<String>(), any::<Option<String>>(), any::<Option<String>>(), any::<Option<String>>());
    let numbers = (0..u64::from(u32::MAX), any::<u64>(), prop::option::of(Just(0)));
    let lists = (any::<Option<String>>(), any::<Vec<Vec<String>>>(), any::<Vec<String>>());
    let flags = any::<(Option<bool>, Option<bool>)>();
    (prop::sample::select(Ecosystem::ALL.to_vec()), texts, numbers, lists, flags).prop_map(
        |(ecosystem, (name, version, architecture, source), (bytes, files, layer), (path, needs, licences), flags)| {
            let (is_dev, is_automatic) = flags;
            let bytes = Bytes(bytes);
            let named = Package::new(ecosystem, name);
            let (wants, brought) = (needs.clone(), layer.map(|layer| (layer, bytes)).into_iter().collect());
            let stated = Package { version, architecture, source, path, needs, wants, licences, ..named };
            Package { bytes, files, layer, brought, is_dev, is_automatic, is_essential: files % 2 == 0, ..stated }
        },
    )
}

fn can_go() -> impl Strategy<Value = CanGo> {
    let texts = (any::<String>(), any::<Vec<String>>(), any::<String>());
    let numbers = (any::<u64>(), any::<Option<u64>>(), prop::option::of(Just(0)));
    (texts, numbers, prop::option::of(place()), any::<Option<bool>>()).prop_map(
        |((what, paths, fix), (more_paths, bytes, layer), line, is_new)| CanGo {
            kind: CanGoKind::Caches,
            what,
            paths,
            more_paths,
            bytes: bytes.map(Bytes),
            layer,
            line,
            fix,
            is_new,
        },
    )
}

/// Contents of a target that has one layer.
pub(super) fn contents() -> impl Strategy<Value = Contents> {
    let directory = (any::<String>(), 0usize..9, any::<u64>()).prop_map(|(path, depth, bytes)| Directory {
        path,
        depth,
        bytes: Bytes(bytes),
        brought: vec![(0, Bytes(bytes))],
    });
    let efficiency = any::<[u64; 4]>().prop_map(|[a, b, c, above_first]| Efficiency {
        needed: Bytes(a.min(b)),
        stored: Bytes(b),
        wasted: Bytes(c.min(b)),
        above_first: Bytes(above_first),
    });
    let unread = any::<(String, String)>().prop_map(|(path, why)| UnreadFile { path, why });
    let distro = any::<(String, Option<String>)>().prop_map(|(id, version)| Distro { id, version });
    let distro = prop::option::of(distro);
    let lists = (
        prop::collection::vec(directory, 0..3),
        prop::option::of((distro, prop::collection::vec(package(), 0..3))),
        prop::collection::vec(can_go(), 0..3),
        prop::collection::vec(unread, 0..2),
    );
    (lists, prop::option::of(efficiency), any::<Option<String>>(), any::<Option<u64>>()).prop_map(
        |((directories, packages, can_go, unread), efficiency, user, wasted)| {
            let packages = packages.map(|(distro, list)| Packages { distro, list, ..Packages::default() });
            let can_go_bytes = can_go.iter().filter_map(|can_go| can_go.bytes).min().unwrap_or_default();
            let package_counts = packages.as_ref().map(Packages::counts);
            let wasted = wasted.map(Bytes);
            let map = None;
            let without = wasted.map(|left| Without {
                globs: vec![WithoutGlob { glob: "**/*.map".to_owned(), bytes: left, files: 3 }],
                bytes: left,
                brought: vec![(0, left)],
                size: Some(left),
            });
            Contents {
                user,
                wasted,
                directories,
                packages,
                package_counts,
                can_go,
                can_go_bytes,
                efficiency,
                without,
                map,
                unread,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contents_are_read_back(mut target in measured(), contents in contents()) {
        target.contents = Some(contents);
        let report = Report::new(vec![target], None, Vec::new());
        let read = from_json(to_whole_json(&report).as_bytes()).map_err(|error| TestCaseError::fail(error.chain()))?;
        prop_assert_eq!(read, report);
    }

    #[test]
    fn a_report_of_check_has_the_counts_of_packages_alone(mut target in measured(), contents in contents()) {
        target.contents = Some(contents);
        let mut report = Report::new(vec![target], None, Vec::new());
        let read = from_json(to_json(&report).as_bytes()).map_err(|error| TestCaseError::fail(error.chain()))?;
        if let Some(contents) = &mut report.targets[0].contents {
            contents.packages = None;
        }
        prop_assert_eq!(read, report);
    }
}

/// A target with a bit of everything, and what a reader says once `change` has been at it.
fn refused(change: impl FnOnce(&mut Value)) -> Option<String> {
    let package = Package { bytes: Bytes(7), layer: Some(0), ..Package::new(Ecosystem::Deb, "bash") };
    let packages = Packages { list: vec![package], ..Packages::default() };
    let can_go = CanGo {
        kind: CanGoKind::Vcs,
        what: "a clone".to_owned(),
        paths: vec!["/app/.git".to_owned()],
        more_paths: 0,
        bytes: Some(Bytes(10)),
        layer: Some(0),
        line: None,
        fix: ".dockerignore".to_owned(),
        is_new: None,
    };
    let directory = Directory { path: "/app".to_owned(), depth: 0, bytes: Bytes(20), brought: vec![(0, Bytes(20))] };
    let contents = Contents {
        directories: vec![directory],
        package_counts: Some(packages.counts()),
        packages: Some(packages),
        can_go: vec![can_go],
        can_go_bytes: Bytes(10),
        efficiency: Some(Efficiency { needed: Bytes(1), stored: Bytes(3), wasted: Bytes(2), above_first: Bytes(2) }),
        ..Contents::default()
    };
    let layer = LayerReport {
        diff_id: DiffId(Digest::from_sha256([1; 32])),
        size: Some(Bytes(30)),
        compressed_size: None,
        created_by: None,
        origin: Origin::Own,
        dockerfile: None,
    };
    let outcome = RuleOutcome {
        rule: Rule::Size,
        status: RuleStatus::Pass,
        actual: Amount::Bytes(Bytes(30)),
        warn: None,
        fail: Some(Amount::Bytes(Bytes(30))),
        budget: None,
    };
    let target = TargetReport {
        size: Some(Bytes(30)),
        layers: vec![layer],
        rules: vec![outcome],
        contents: Some(contents),
        ..TargetReport::new("api".parse().expect("a name"), Some(Platform::new("linux", "amd64", None)), Verdict::Pass)
    };
    let report = Report::new(vec![target], None, Vec::new());
    let mut value: Value = serde_json::from_str(&to_whole_json(&report)).expect("JSON");
    assert!(jsonschema::is_valid(&schema(), &value));
    change(&mut value["targets"][0]["contents"]);
    let said = from_json(value.to_string().as_bytes()).err()?.chain();
    Some(said.strip_prefix("the report contradicts itself: ").unwrap_or(&said).to_owned())
}

#[test]
fn contents_that_contradict_themselves_are_refused() {
    assert_eq!(refused(|_| {}), None, "as it was written it is read");
    let of_layers = Some("something is in a layer that its target does not have".to_owned());
    assert_eq!(refused(|contents| contents["packages"][0]["layer"] = json!(1)), of_layers);
    assert_eq!(refused(|contents| contents["can_go"][0]["layer"] = json!(1)), of_layers);
    assert_eq!(refused(|contents| contents["directories"][0]["brought"][0]["layer"] = json!(1)), of_layers);
    let said = refused(|contents| contents["directories"][0]["brought"][0]["bytes"] = json!(21));
    assert_eq!(said.as_deref(), Some("layers brought more of something than there is of it"));
    let counted = Some("the packages of a target are not as many as it counts".to_owned());
    assert_eq!(refused(|contents| contents["package_counts"] = json!([])), counted);
    assert_eq!(refused(|contents| contents["package_counts"] = json!(null)), counted);
    let said = refused(|contents| contents["can_go_bytes"] = json!(11));
    assert_eq!(said.as_deref(), Some("more can go than all that can go has"));
    let figures = Some("dive's figures are not those of their sums".to_owned());
    for (field, wrong) in [("efficiency", 0.5), ("user_wasted_percent", 0.5)] {
        assert_eq!(refused(|contents| contents["efficiency"][field] = json!(wrong)), figures, "{field}");
    }
    assert_eq!(refused(|contents| contents["efficiency"]["user_wasted_percent"] = json!(null)), figures);
}

#[test]
fn a_report_without_contents_is_one_of_an_earlier_version() {
    let mut value: Value = serde_json::from_str(&to_json(&small())).expect("JSON");
    value["targets"][0].as_object_mut().expect("an object").remove("contents");
    assert_eq!(from_json(value.to_string().as_bytes()).expect("ours"), small());
}
