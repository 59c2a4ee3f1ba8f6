//! What goes when a package is removed, and who asked for it in the first place.
//!
//! As `apt autoremove` and `apk del` do it: with a package go those that cannot be without it, and then whatever was only installed
//! because others need it and no longer is. All alternatives of a need count as needed, and so does what is recommended or suggested: so
//! it is rather too little than too much. What was not needed before stays, since this removal is not why. An essential package never goes.
//!
//! Only package managers of an operating system keep such books. Of npm the copies inside a copy go with it; of others the package itself.

use std::collections::VecDeque;

use crate::domain::{Bytes, Ecosystem, Package};
use crate::memory::{List, Memory, OutOfMemory};

/// Who needs whom among the packages of an image. Packages go by their position in the list that it was made of.
#[derive(Debug)]
pub struct Needs<'p> {
    packages: &'p [Package],
    /// For each package its first need, and in the end how many needs there are.
    needs_of: List<u32>,
    /// For each need its first filler, and in the end how many fillers there are.
    fillers_of: List<u32>,
    /// For each need the packages that fill it, ascending, each once.
    fillers: List<u32>,
    /// For each need the package that has it.
    owner: List<u32>,
    /// For each need whether its package is broken without.
    is_hard: List<bool>,
    /// For each package the first of the needs that it fills, and in the end how many there are.
    filled_of: List<u32>,
    /// For each package the needs that it fills.
    filled: List<u32>,
    /// Copies of npm, by path.
    copies: List<u32>,
    /// For each package whether nobody needs it, though it is only there because somebody did.
    is_left_over: List<bool>,
}

/// What goes when some packages are removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removal {
    /// All of it, ascending.
    pub goes: Vec<usize>,
    /// Those among them that cannot be without what is removed, ascending.
    pub broken: Vec<usize>,
    /// What their files take in the final file system.
    pub bytes: Bytes,
}

/// Why nothing can be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// This package is essential, and it or what it needs would go.
    Essential(usize),
    /// This package is a part of a program.
    Linked(usize),
}

/// How a package came to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// From the package that somebody asked for to the one in question; only that one where it was asked for itself.
    pub links: Vec<usize>,
    /// Whether it is there only because a package on the way recommends or suggests the next.
    pub is_recommended: bool,
}

impl<'p> Needs<'p> {
    /// Looks up who fills which need. Takes `n log n` of time.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(packages: &'p [Package], memory: &Memory) -> Result<Self, OutOfMemory> {
        let names = Names::new(packages, memory)?;
        let new = || List::<u32>::new(memory);
        let mut needs = Self {
            packages,
            needs_of: new(),
            fillers_of: new(),
            fillers: new(),
            owner: new(),
            is_hard: List::new(memory),
            filled_of: new(),
            filled: new(),
            copies: new(),
            is_left_over: List::new(memory),
        };
        let mut found = Vec::new();
        for (position, package) in packages.iter().enumerate() {
            needs.needs_of.push(narrow(needs.owner.len()))?;
            let hard = package.needs.iter().map(|need| (need, true));
            for (need, is_hard) in hard.chain(package.wants.iter().map(|want| (want, false))) {
                found.clear();
                need.iter().for_each(|name| names.find(package, name, &mut found));
                found.sort_unstable();
                found.dedup();
                if found.is_empty() {
                    continue;
                }
                needs.fillers_of.push(narrow(needs.fillers.len()))?;
                needs.fillers.extend(&found)?;
                needs.owner.push(narrow(position))?;
                needs.is_hard.push(is_hard)?;
            }
        }
        needs.needs_of.push(narrow(needs.owner.len()))?;
        needs.fillers_of.push(narrow(needs.fillers.len()))?;
        needs.turn_around()?;
        needs.copies = names.copies;
        needs.is_left_over.resize(packages.len(), false)?;
        let reached = needs.reached(&List::new(memory), true)?;
        for (left_over, reached) in needs.is_left_over.iter_mut().zip(reached.iter()) {
            *left_over = !reached;
        }
        Ok(needs)
    }

    /// What goes with `these`.
    ///
    /// # Errors
    /// There is no memory for it. Whether anything goes at all says the value.
    pub fn removal(&self, these: &[usize]) -> Result<Result<Removal, Stays>, OutOfMemory> {
        let memory = self.owner.memory();
        let mut gone = List::new(&memory);
        gone.resize(self.packages.len(), false)?;
        let mut lost = List::new(&memory);
        lost.resize(self.owner.len(), 0_u32)?;
        let mut open = List::new(&memory);
        for position in these.iter().copied() {
            let Some(package) = self.packages.get(position) else { continue };
            if matches!(package.ecosystem, Ecosystem::Go | Ecosystem::Cargo) {
                return Ok(Err(Stays::Linked(position)));
            }
            if package.is_essential {
                return Ok(Err(Stays::Essential(position)));
            }
            if !std::mem::replace(&mut gone[position], true) {
                open.push(position)?;
            }
        }
        let asked = open.len();
        let mut broken = Vec::new();
        let mut done = 0;
        while let Some(position) = open.get(done).copied() {
            done += 1;
            if done > asked {
                broken.push(position);
            }
            for need in self.filled(position) {
                lost[need] = lost[need].saturating_add(1);
                let owner = self.owner[need] as usize;
                let is_kept = !self.is_hard[need] || (lost[need] as usize) < self.fillers(need).len();
                if is_kept || gone[owner] || !self.packages[owner].ecosystem.is_of_os() {
                    continue;
                }
                if self.packages[owner].is_essential {
                    return Ok(Err(Stays::Essential(owner)));
                }
                gone[owner] = true;
                open.push(owner)?;
            }
        }
        for position in open.iter().copied() {
            self.inside(position).for_each(|copy| gone[copy] = true);
        }
        let kept = self.reached(&gone, true)?;
        let mut removal = Removal { broken, ..Removal::default() };
        removal.broken.sort_unstable();
        for (position, package) in self.packages.iter().enumerate() {
            if !kept[position] {
                removal.goes.push(position);
                removal.bytes = Bytes(removal.bytes.0.saturating_add(package.bytes.0));
            }
        }
        Ok(Ok(removal))
    }

    /// The shortest chain from a package that somebody asked for to this one, of what packages need; where there is none, of what they
    /// recommend, too. `None` where the database does not say who was asked for.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn chain(&self, to: usize) -> Result<Option<Chain>, OutOfMemory> {
        for is_recommended in [false, true] {
            if let Some(links) = self.chain_of(to, is_recommended)? {
                return Ok(Some(Chain { links, is_recommended }));
            }
        }
        Ok(None)
    }

    /// The packages that cannot be without this one, or without another that fills the same need, ascending.
    pub fn needed_by(&self, position: usize) -> Vec<usize> {
        let hard = self.filled(position).filter(|need| self.is_hard[*need]);
        let mut owners: Vec<usize> =
            hard.map(|need| self.owner[need] as usize).filter(|owner| *owner != position).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    fn chain_of(&self, to: usize, with_wants: bool) -> Result<Option<Vec<usize>>, OutOfMemory> {
        let asked_for = |position: usize| self.packages[position].is_automatic == Some(false);
        let mut next = List::new(&self.owner.memory());
        next.resize(self.packages.len(), NOBODY)?;
        if self.packages.get(to).is_none_or(|package| package.is_automatic.is_none()) {
            return Ok(None);
        }
        next[to] = narrow(to);
        let mut open = VecDeque::from([to]);
        while let Some(position) = open.pop_front() {
            if asked_for(position) {
                let step = |at: &usize| Some(next[*at] as usize).filter(|following| following != at);
                return Ok(Some(std::iter::successors(Some(position), step).collect()));
            }
            for need in self.filled(position).filter(|need| with_wants || self.is_hard[*need]) {
                let owner = self.owner[need] as usize;
                if next[owner] == NOBODY {
                    next[owner] = narrow(position);
                    open.push_back(owner);
                }
            }
        }
        Ok(None)
    }

    /// The packages that are there only because others recommend or suggest them, with what only these need, ascending.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn only_wanted(&self) -> Result<Vec<usize>, OutOfMemory> {
        let needed = self.reached(&[], false)?;
        Ok(needed.iter().enumerate().filter(|(_, is_needed)| !**is_needed).map(|(position, _)| position).collect())
    }

    /// What stays when `gone` goes: whoever was asked for or is essential, what that needs, or wants, and what nobody needed before. An empty
    /// list is nobody.
    fn reached(&self, gone: &[bool], with_wants: bool) -> Result<List<bool>, OutOfMemory> {
        let memory = self.owner.memory();
        let is_gone = |position: usize| gone.get(position).copied().unwrap_or(false);
        let mut reached = List::new(&memory);
        reached.resize(self.packages.len(), false)?;
        let mut open = List::new(&memory);
        for (position, package) in self.packages.iter().enumerate() {
            let stays_by_itself =
                package.is_automatic != Some(true) || package.is_essential || self.is_left_over[position];
            if stays_by_itself && !is_gone(position) {
                reached[position] = true;
                open.push(position)?;
            }
        }
        while let Some(position) = open.pop() {
            for need in self.needs(position).filter(|need| with_wants || self.is_hard[*need]) {
                for filler in self.fillers(need).iter().map(|filler| *filler as usize) {
                    if !is_gone(filler) && !std::mem::replace(&mut reached[filler], true) {
                        open.push(filler)?;
                    }
                }
            }
        }
        Ok(reached)
    }

    /// Notes of each package which needs it fills.
    fn turn_around(&mut self) -> Result<(), OutOfMemory> {
        self.filled_of.resize(self.packages.len() + 1, 0)?;
        self.filled.resize(self.fillers.len(), 0)?;
        for filler in self.fillers.iter() {
            self.filled_of[*filler as usize] += 1;
        }
        let mut sum = 0_u32;
        for first in self.filled_of.iter_mut() {
            let filled = std::mem::replace(first, sum);
            sum = sum.saturating_add(filled);
        }
        // Each start is moved to the end of its own, which is the start of the next.
        for need in 0..self.owner.len() {
            for at in self.fillers_of[need]..self.fillers_of[need + 1] {
                let filler = self.fillers[at as usize] as usize;
                let place = self.filled_of[filler];
                self.filled[place as usize] = narrow(need);
                self.filled_of[filler] = place + 1;
            }
        }
        self.filled_of.rotate_right(1);
        self.filled_of[0] = 0;
        Ok(())
    }

    /// The needs of a package.
    fn needs(&self, position: usize) -> std::ops::Range<usize> {
        self.needs_of[position] as usize..self.needs_of[position + 1] as usize
    }

    /// The packages that fill a need.
    fn fillers(&self, need: usize) -> &[u32] {
        &self.fillers[self.fillers_of[need] as usize..self.fillers_of[need + 1] as usize]
    }

    /// The needs that a package fills.
    fn filled(&self, position: usize) -> impl Iterator<Item = usize> {
        let range = match (self.filled_of.get(position), self.filled_of.get(position + 1)) {
            (Some(first), Some(end)) => *first as usize..*end as usize,
            _ => 0..0,
        };
        self.filled[range].iter().map(|need| *need as usize)
    }

    /// The copies of npm inside a copy.
    fn inside(&self, position: usize) -> impl Iterator<Item = usize> {
        let copy = self.packages.get(position).filter(|package| package.ecosystem == Ecosystem::Npm);
        let directory = copy.and_then(|copy| copy.path.as_deref()).map(|path| format!("{path}/"));
        let first = directory.as_ref().map_or(self.copies.len(), |directory| {
            self.copies.partition_point(|copy| path_of(self.packages, *copy) < directory.as_str())
        });
        let rest = self.copies[first..].iter().map(|copy| *copy as usize);
        rest.take_while(move |copy| {
            let path = self.packages[*copy].path.as_deref();
            directory.as_deref().zip(path).is_some_and(|(directory, path)| path.starts_with(directory))
        })
    }
}

/// How many packages of one name may fill a need: there is one for each architecture.
const MOST_ALIKE: usize = 16;
/// No package.
const NOBODY: u32 = u32::MAX;

/// A position as it is kept: a list that draws from a budget of memory never has so many.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(NOBODY)
}

/// The path of a copy; empty where it has none.
fn path_of(packages: &[Package], position: u32) -> &str {
    packages.get(position as usize).and_then(|package| package.path.as_deref()).unwrap_or("")
}

/// Packages by their names.
struct Names<'p> {
    packages: &'p [Package],
    /// By ecosystem and name, but for copies of npm.
    named: List<u32>,
    /// Copies of npm by path.
    copies: List<u32>,
}

impl<'p> Names<'p> {
    fn new(packages: &'p [Package], memory: &Memory) -> Result<Self, OutOfMemory> {
        let (mut named, mut copies) = (List::new(memory), List::new(memory));
        for (position, package) in packages.iter().enumerate() {
            let list = if package.ecosystem == Ecosystem::Npm { &mut copies } else { &mut named };
            list.push(narrow(position))?;
        }
        named.sort_unstable_by_key(|position: &u32| (key(&packages[*position as usize]), *position));
        copies.sort_unstable_by_key(|position: &u32| (path_of(packages, *position), *position));
        Ok(Self { packages, named, copies })
    }

    /// Adds the packages that `of` means by a name: one's own ecosystem, and of npm the nearest copy, as Node.js looks for it.
    fn find(&self, of: &Package, name: &str, found: &mut Vec<u32>) {
        if of.ecosystem == Ecosystem::Npm {
            found.extend(of.path.as_deref().and_then(|path| self.nearest(path, name)));
            return;
        }
        let wanted = (of.ecosystem, name);
        let at = |position: &u32| key(&self.packages[*position as usize]);
        let first = self.named.partition_point(|position| at(position) < wanted);
        found.extend(self.named[first..].iter().take_while(|position| at(position) == wanted).take(MOST_ALIKE));
    }

    /// The copy that `require(name)` leads to in a copy at `path`: in its own `node_modules`, else in one further up.
    fn nearest(&self, path: &str, name: &str) -> Option<u32> {
        let mut above = Some(path);
        while let Some(directory) = above {
            let wanted = format!("{directory}/node_modules/{name}");
            let found = self.copies.binary_search_by(|copy| path_of(self.packages, *copy).cmp(&wanted));
            if let Some(found) = found.ok().and_then(|found| self.copies.get(found)) {
                return Some(*found);
            }
            above = directory.rfind("/node_modules/").map(|end| &directory[..end]);
        }
        None
    }
}

fn key(package: &Package) -> (Ecosystem, &str) {
    (package.ecosystem, &package.name)
}

#[cfg(test)]
mod tests {
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
        let unmarked: Vec<Package> =
            debian.into_iter().map(|package| Package { is_automatic: None, ..package }).collect();
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
        let alike =
            |n: u32| Package { needs: vec![vec!["b".to_owned()]], ..Package::new(Ecosystem::Deb, format!("a{n}")) };
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
}
