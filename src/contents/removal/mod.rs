//! What goes when a package is removed, and who asked for it in the first place.
//!
//! As `apt autoremove` and `apk del` do it: with a package go those that cannot be without it, and then whatever was only installed
//! because others need it and no longer is. All alternatives of a need count as needed, and so does what is recommended or suggested: so
//! it is rather too little than too much. What was not needed before stays, since this removal is not why. An essential package never goes.
//!
//! Only package managers of an operating system keep such books. Of npm the copies inside a copy go with it; of others the package itself.

mod names;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use names::{Names, path_of};

use crate::domain::{Bytes, Ecosystem, Package};
use crate::memory::{List, Memory, OutOfMemory};

/// Who needs whom among the packages of an image. Packages go by their position in the list that it was made of.
#[derive(Debug)]
pub struct Needs<'p> {
    packages: &'p [Package],
    /// For each package its first need, and in the end how many needs there are.
    first_need: List<u32>,
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
            first_need: new(),
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
            needs.first_need.push(narrow(needs.owner.len()))?;
            let hard = package.needs.iter().map(|need| (need, true));
            for (need, is_hard) in hard.chain(package.wants.iter().map(|want| (want, false))) {
                found.clear();
                for name in need {
                    names.find(package, name, &mut found);
                }
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
        needs.first_need.push(narrow(needs.owner.len()))?;
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
        self.first_need[position] as usize..self.first_need[position + 1] as usize
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

/// No package.
const NOBODY: u32 = u32::MAX;

/// A position as it is kept: a list that draws from a budget of memory never has so many.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(NOBODY)
}
