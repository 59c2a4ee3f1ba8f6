//! What goes with packages of a made-up Debian, and what holds for any.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// `name`, or `name auto`, or `name essential`; with what it needs (`a|b`) and what it recommends.
fn package(name: &str, needs: &[&str], wants: &[&str]) -> Package {
    let (name, mark) = name.split_once(' ').unwrap_or((name, ""));
    let split = |all: &[&str]| all.iter().map(|need| need.split('|').map(str::to_owned).collect()).collect();
    Package {
        is_automatic: Some(mark == "auto"),
        is_essential: mark == "essential",
        needs: split(needs),
        wants: split(wants),
        bytes: Bytes(10),
        ..Package::new(Ecosystem::Deb, name)
    }
}

fn names(packages: &[Package], positions: &[usize]) -> String {
    positions.iter().map(|position| packages[*position].name.as_str()).collect::<Vec<_>>().join(" ")
}

fn at(packages: &[Package], name: &str) -> usize {
    packages.iter().position(|package| package.name == name).expect("it is there")
}

fn removal(packages: &[Package], these: &[&str]) -> Result<Removal, Stays> {
    let these: Vec<usize> = these.iter().map(|name| at(packages, name)).collect();
    let needs = Needs::new(packages, &Memory::default()).expect("room");
    needs.removal(&these).expect("room")
}

fn goes(packages: &[Package], these: &[&str]) -> String {
    let removal = removal(packages, these).expect("it can go");
    assert_eq!(removal.bytes.0, removal.goes.len() as u64 * 10);
    names(packages, &removal.goes)
}

fn chain(packages: &[Package], to: &str) -> Option<String> {
    let needs = Needs::new(packages, &Memory::default()).expect("room");
    let chain = needs.chain(at(packages, to)).expect("room")?;
    let how = if chain.is_recommended { " (recommended)" } else { "" };
    Some(format!("{}{how}", names(packages, &chain.links)))
}

fn debian() -> Vec<Package> {
    vec![
        package("apt", &["libapt", "libc"], &[]),
        package("bash essential", &["libc"], &[]),
        package("build-essential auto", &["gcc", "make|make-guile"], &[]),
        package("cpp auto", &["libc"], &[]),
        package("gcc auto", &["cpp", "libc"], &[]),
        package("git", &["libc", "libcurl"], &["less"]),
        package("left-over auto", &["libc", "zlib"], &[]),
        package("less auto", &["libc"], &[]),
        package("libapt auto", &["libc", "zlib"], &[]),
        package("libc auto", &[], &[]),
        package("libcurl auto", &["libc", "zlib"], &[]),
        package("make auto", &["libc"], &[]),
        package("nodejs auto", &["libc", "libnode"], &[]),
        package("libnode auto", &["libc", "node-data|libnode"], &[]),
        package("npm", &["nodejs", "semver"], &["build-essential"]),
        package("semver auto", &["nodejs", "npm|semver"], &[]),
        package("zlib auto", &["libc"], &[]),
    ]
}

#[test]
fn a_package_takes_along_what_only_it_needs_and_recommends() {
    let debian = debian();
    assert_eq!(goes(&debian, &["npm"]), "build-essential cpp gcc make nodejs libnode npm semver");
    assert_eq!(goes(&debian, &["git"]), "git less libcurl", "others need zlib");
    assert_eq!(goes(&debian, &["less"]), "less", "git works without it");
    assert_eq!(goes(&debian, &[]), "");
}

#[test]
fn what_cannot_be_without_it_goes_too_and_what_is_essential_never() {
    let debian = debian();
    let nodejs = removal(&debian, &["nodejs"]).expect("it can go");
    assert_eq!(names(&debian, &nodejs.broken), "npm semver");
    assert_eq!(names(&debian, &nodejs.goes), "build-essential cpp gcc make nodejs libnode npm semver");
    assert_eq!(removal(&debian, &["libc"]), Err(Stays::Essential(at(&debian, "bash"))));
    assert_eq!(removal(&debian, &["npm", "bash"]), Err(Stays::Essential(at(&debian, "bash"))));
    assert_eq!(goes(&debian, &["make"]), "build-essential cpp gcc make", "no other make is there");
}

#[test]
fn all_that_fills_a_need_is_kept_for_it() {
    let packages = [
        package("a", &["exim|postfix"], &[]),
        package("exim auto", &[], &[]),
        package("postfix auto", &["tls"], &[]),
        package("tls auto", &[], &[]),
        package("b", &["postfix"], &[]),
    ];
    assert_eq!(goes(&packages, &["b"]), "b", "a is content with postfix");
    assert_eq!(goes(&packages, &["exim"]), "exim");
    assert_eq!(goes(&packages, &["exim", "postfix"]), "a exim postfix tls b");
}

#[test]
fn who_asked_for_it() {
    let debian = debian();
    assert_eq!(chain(&debian, "npm").as_deref(), Some("npm"));
    assert_eq!(chain(&debian, "libnode").as_deref(), Some("npm nodejs libnode"));
    assert_eq!(chain(&debian, "cpp").as_deref(), Some("npm build-essential gcc cpp (recommended)"));
    assert_eq!(chain(&debian, "libc").as_deref(), Some("apt libc"), "the shortest, of equals the first");
    assert_eq!(chain(&debian, "left-over"), None);
    let unmarked: Vec<Package> = debian.into_iter().map(|package| Package { is_automatic: None, ..package }).collect();
    assert_eq!(chain(&unmarked, "libnode"), None);
    assert_eq!(goes(&unmarked, &["git"]), "git", "what nobody marked may have been asked for");
}

#[test]
fn what_is_only_recommended() {
    let debian = debian();
    let wanted = Needs::new(&debian, &Memory::default()).expect("room").only_wanted().expect("room");
    assert_eq!(names(&debian, &wanted), "build-essential cpp gcc less make");
}

#[test]
fn copies_of_npm_hold_copies_and_need_the_nearest() {
    let copy = |path: &str, needs: &[&str]| Package {
        path: Some(path.to_owned()),
        needs: needs.iter().map(|name| vec![(*name).to_owned()]).collect(),
        bytes: Bytes(10),
        ..Package::new(Ecosystem::Npm, path.rsplit_once("node_modules/").map_or("", |(_, name)| name))
    };
    let packages = [
        copy("/app/node_modules/a", &["b"]),
        copy("/app/node_modules/a/node_modules/@s/c", &["b"]),
        copy("/app/node_modules/a/node_modules/b", &[]),
        copy("/app/node_modules/a-b", &["b"]),
        copy("/app/node_modules/b", &[]),
        copy("/other/node_modules/d", &["b"]),
    ];
    let needs = Needs::new(&packages, &Memory::default()).expect("room");
    let goes = |position| needs.removal(&[position]).expect("room").expect("it can go").goes;
    assert_eq!((goes(0), goes(3), goes(4)), (vec![0, 1, 2], vec![3], vec![4]));
    assert_eq!((needs.needed_by(2), needs.needed_by(4)), (vec![0, 1], vec![3]));
    assert_eq!(needs.chain(4).expect("room"), None);
}

#[test]
fn parts_of_a_program_stay_in_it() {
    let packages = [Package::new(Ecosystem::Go, "example.com/a")];
    assert_eq!(removal(&packages, &["example.com/a"]), Err(Stays::Linked(0)));
}

#[test]
fn memory_is_asked_for() {
    let memory = Memory::new(Bytes(100));
    assert!(Needs::new(&debian(), &memory).is_err());
}

#[test]
fn a_large_circle_of_packages_of_which_many_have_one_name() {
    let alike = |n: u32| Package { needs: vec![vec!["b".to_owned()]], ..Package::new(Ecosystem::Deb, format!("a{n}")) };
    let mut packages: Vec<Package> = (0..300_000).map(alike).collect();
    for (n, package) in packages.iter_mut().enumerate() {
        package.is_automatic = Some(n > 0);
        package.needs = vec![vec![format!("a{}", (n + 1) % 300_000)], vec!["same".to_owned()]];
        if n % 10 == 0 {
            package.name = "same".to_owned();
        }
    }
    let memory = Memory::new(Bytes(500_000_000));
    let needs = Needs::new(&packages, &memory).expect("room");
    let removal = needs.removal(&[150_001]).expect("room").expect("it can go");
    assert!(removal.goes.contains(&150_001));
    assert_eq!(needs.chain(150_005).expect("room"), None, "the circle is broken where names are alike");
}

/// Packages `p0`, `p1`, … of which each needs and recommends some, and somebody marked them.
fn any_packages() -> impl Strategy<Value = Vec<Package>> {
    let need = prop::collection::vec(0..14_usize, 1..3);
    let of_one = (prop::collection::vec(need.clone(), 0..3), prop::collection::vec(need, 0..2), 0..12_u8, 0..9_u64);
    prop::collection::vec(of_one, 1..12).prop_map(|all| {
        let names = |needs: Vec<Vec<usize>>| -> Vec<Vec<String>> {
            needs.into_iter().map(|need| need.into_iter().map(|n| format!("p{n}")).collect()).collect()
        };
        let package = |(n, (needs, wants, mark, bytes))| Package {
            needs: names(needs),
            wants: names(wants),
            is_automatic: [Some(false), Some(false), None].get(usize::from(mark)).copied().unwrap_or(Some(true)),
            is_essential: mark == 0,
            bytes: Bytes(bytes),
            ..Package::new(Ecosystem::Deb, format!("p{n}"))
        };
        all.into_iter().enumerate().map(package).collect()
    })
}

proptest! {
    #[test]
    fn nothing_left_needs_what_went(packages in any_packages(), these in prop::collection::vec(0..12_usize, 0..4)) {
        let needs = Needs::new(&packages, &Memory::default()).expect("room");
        let these: Vec<usize> = these.into_iter().filter(|position| *position < packages.len()).collect();
        let Ok(removal) = needs.removal(&these).expect("room") else { return Ok(()) };
        let all: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        let is_left = |position: usize| removal.goes.binary_search(&position).is_err();
        let left: BTreeSet<&str> =
            packages.iter().enumerate().filter(|(n, _)| is_left(*n)).map(|(_, package)| package.name.as_str()).collect();
        for (position, package) in packages.iter().enumerate().filter(|(position, _)| is_left(*position)) {
            for need in &package.needs {
                let fills = |names: &BTreeSet<&str>| need.iter().any(|name| names.contains(name.as_str()));
                prop_assert!(!fills(&all) || fills(&left), "{} is left without {need:?}", packages[position].name);
            }
        }
        let sum: u64 = removal.goes.iter().map(|position| packages[*position].bytes.0).sum();
        prop_assert_eq!(removal.bytes.0, sum);
        prop_assert!(these.iter().all(|position| !is_left(*position)));
        prop_assert!(removal.goes.iter().all(|position| !packages[*position].is_essential));
    }

    #[test]
    fn removing_more_never_frees_less(packages in any_packages(), some in 0..12_usize, more in 0..12_usize) {
        let (some, more) = (some % packages.len(), more % packages.len());
        let needs = Needs::new(&packages, &Memory::default()).expect("room");
        let removal = |these: &[usize]| needs.removal(these).expect("room");
        prop_assert_eq!(removal(&[some, more]).ok(), removal(&[more, some, more]).ok().map(|it| Removal { ..it }));
        match (removal(&[some]), removal(&[some, more])) {
            (Ok(less), Ok(both)) => prop_assert!(less.goes.iter().all(|gone| both.goes.contains(gone))),
            (Err(_), both) => prop_assert!(both.is_err()),
            (Ok(_), Err(_)) => {}
        }
    }

    #[test]
    fn the_order_of_packages_changes_nothing(packages in any_packages(), which in 0..12_usize) {
        let which = which % packages.len();
        let turned: Vec<Package> = packages.iter().rev().cloned().collect();
        let names = |packages: &[Package], position: usize| {
            let needs = Needs::new(packages, &Memory::default()).expect("room");
            let removal = needs.removal(&[position]).expect("room").map_err(|_| ());
            let chain = needs.chain(position).expect("room").map(|chain| (chain.links.len(), chain.is_recommended));
            let name = |positions: &[usize]| -> BTreeSet<String> {
                positions.iter().map(|position| packages[*position].name.clone()).collect()
            };
            (removal.map(|removal| (name(&removal.goes), name(&removal.broken), removal.bytes)), chain)
        };
        prop_assert_eq!(names(&packages, which), names(&turned, packages.len() - 1 - which));
    }

    #[test]
    fn a_chain_begins_with_who_was_asked_for_and_each_needs_the_next(packages in any_packages(), to in 0..12_usize) {
        let needs = Needs::new(&packages, &Memory::default()).expect("room");
        let to = to % packages.len();
        let Some(chain) = needs.chain(to).expect("room") else { return Ok(()) };
        prop_assert_eq!(chain.links.last(), Some(&to));
        prop_assert_eq!(packages[chain.links[0]].is_automatic, Some(false));
        for pair in chain.links.windows(2) {
            let (from, next) = (&packages[pair[0]], &packages[pair[1]]);
            let has = |needs: &[Vec<String>]| needs.iter().any(|need| need.contains(&next.name));
            prop_assert!(has(&from.needs) || chain.is_recommended && has(&from.wants));
        }
    }
}
