//! What toolchains put around the name of a command: versions behind it, target triplets before it or behind it.
//!
//! `gcc`, `gcc-12`, `x86_64-linux-gnu-gcc-12`, `x86_64-w64-mingw32-gcc-12-posix`, `perf_5.10`, `pip3.13t`, `hipcc.bin-5.2`,
//! `cpan5.36-x86_64-linux-gnu`: that holds for every command, because whoever packages two versions of a tool calls both so.

/// The first of the plain names that `file_name` may stand for which `known` knows. An exact name wins over one without its
/// version, that over one without its triplet.
pub(super) fn command_forms<T>(file_name: &[u8], known: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let plain = |name: &[u8]| known(name).or_else(|| known(without_version(name)?));
    let whole = |name: &[u8]| plain(name).or_else(|| plain(without_suffix(name)?));
    whole(file_name).or_else(|| whole(without_triplet(file_name)?))
}

/// `gcc` of `gcc-12`, `pip` of `pip3.12`, `perf` of `perf_5.10`: the name before a version of numbers and dots, and what may stand
/// behind one: `t` and `d` of Python's builds, `rc1` of Go's.
fn without_version(name: &[u8]) -> Option<&[u8]> {
    let build = ["td", "t", "d"].into_iter().find_map(|tag| name.strip_suffix(tag.as_bytes()));
    if let Some(version) = build.filter(|version| version.last().is_some_and(u8::is_ascii_digit)) {
        return numbers_stripped(version);
    }
    let candidate = trim_digits(name);
    let release = ["rc", "beta", "alpha"].into_iter().find_map(|tag| candidate.strip_suffix(tag.as_bytes()));
    match release.filter(|version| candidate.len() < name.len() && version.last().is_some_and(u8::is_ascii_digit)) {
        Some(version) => numbers_stripped(version),
        None => numbers_stripped(name),
    }
}

fn numbers_stripped(name: &[u8]) -> Option<&[u8]> {
    let end = name.iter().rposition(|byte| !(byte.is_ascii_digit() || *byte == b'.'))? + 1;
    let (stem, version) = name.split_at(end);
    let numbers = !version.is_empty() && version.split(|byte| *byte == b'.').all(|number| !number.is_empty());
    let stem = stem.strip_suffix(b"-").or_else(|| stem.strip_suffix(b"_")).unwrap_or(stem);
    (numbers && !stem.is_empty()).then_some(stem)
}

fn trim_digits(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    &name[..end]
}

/// `gcc-12` of `gcc-12-posix`, which tells the threads of MinGW's compilers apart, and `cpan5.36` of `cpan5.36-x86_64-linux-gnu`.
fn without_suffix(name: &[u8]) -> Option<&[u8]> {
    if let Some(command) = [&b"-posix"[..], b"-win32"].into_iter().find_map(|suffix| name.strip_suffix(suffix)) {
        return Some(command);
    }
    let hyphens = name.iter().enumerate().filter(|(_, byte)| **byte == b'-').map(|(at, _)| at);
    hyphens.take(MOST_WORDS).find(|at| is_triplet(&name[at + 1..])).map(|at| &name[..at])
}

/// `gcc-12` of `x86_64-linux-gnu-gcc-12`, of `x86_64-conda-linux-gnu-gcc-12` and of `avr-gcc-12`.
fn without_triplet(name: &[u8]) -> Option<&[u8]> {
    let (architecture, mut rest) = split_word(name)?;
    if !is_architecture(architecture) {
        return None;
    }
    // A vendor may be called anything, so it counts only where a system follows.
    if let Some((word, tail)) = split_word(rest)
        && !is_system(word)
        && split_word(tail).is_some_and(|(next, _)| is_system(next))
    {
        rest = tail;
    }
    for _ in 0..MOST_WORDS {
        match split_word(rest) {
            Some((word, tail)) if is_system(word) => rest = tail,
            _ => break,
        }
    }
    Some(rest)
}

fn is_triplet(text: &[u8]) -> bool {
    let mut words = text.split(|byte| *byte == b'-');
    words.next().is_some_and(is_architecture)
        && words.next().is_some()
        && text.split(|byte| *byte == b'-').skip(1).all(is_system)
}

fn split_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let hyphen = text.iter().position(|byte| *byte == b'-')?;
    Some((&text[..hyphen], &text[hyphen + 1..]))
}

/// How many words there may be behind an architecture.
const MOST_WORDS: usize = 4;

/// Whether a word is an architecture as triplets begin with: `armv7l` and `mips64el` are versions of `arm` and `mips`.
fn is_architecture(word: &[u8]) -> bool {
    let is_variant = |(family, variants): &(&str, &[&str])| {
        word.strip_prefix(family.as_bytes())
            .is_some_and(|rest| rest.is_empty() || variants.iter().any(|variant| rest.starts_with(variant.as_bytes())))
    };
    ARCHITECTURES.contains(&word) || VARIED.iter().any(is_variant)
}

/// Whether a word is a system or an interface of triplets. Some have a version: `android21`, `darwin20.4`.
fn is_system(word: &[u8]) -> bool {
    let bare = word.iter().rposition(|byte| !(byte.is_ascii_digit() || *byte == b'.')).map_or(0, |last| last + 1);
    SYSTEMS.contains(&word) || SYSTEMS.contains(&&word[..bare])
}

/// Families of processors, and how the names of their members go on.
const VARIED: [(&str, &[&str]); 6] = [
    ("arm", &["v", "eb", "el", "hf", "64"]),
    ("aarch64", &["_be", "_32"]),
    ("mips", &["64", "el", "isa", "r6"]),
    ("powerpc", &["64", "le", "spe"]),
    ("sparc", &["64", "v9"]),
    ("sh", &["2", "3", "4"]),
];

const ARCHITECTURES: [&[u8]; 41] = [
    b"x86_64",
    b"i386",
    b"i486",
    b"i586",
    b"i686",
    b"ppc64",
    b"ppc64le",
    b"ppc",
    b"s390",
    b"s390x",
    b"riscv32",
    b"riscv64",
    b"loongarch64",
    b"hppa",
    b"hppa64",
    b"m68k",
    b"m68hc11",
    b"alpha",
    b"ia64",
    b"avr",
    b"msp430",
    b"pru",
    b"xtensa",
    b"lx106",
    b"or1k",
    b"arc",
    b"nios2",
    b"microblaze",
    b"microblazeel",
    b"bpf",
    b"nvptx",
    b"nvptx64",
    b"amdgcn",
    b"wasm32",
    b"wasm64",
    b"rx",
    b"rl78",
    b"vax",
    b"thumbv7em",
    b"csky",
    b"tricore",
];

/// Systems and interfaces, without their versions.
const SYSTEMS: [&[u8]; 37] = [
    b"linux",
    b"gnu",
    b"gnueabi",
    b"gnueabihf",
    b"gnux",
    b"gnuabi",
    b"gnuabin",
    b"gnusf",
    b"gnuspe",
    b"gnu_ilp32",
    b"musl",
    b"musleabi",
    b"musleabihf",
    b"muslgnueabihf",
    b"uclibc",
    b"uclibceabi",
    b"uclibcgnueabihf",
    b"uclibcgnueabi",
    b"dietlibc",
    b"android",
    b"androideabi",
    b"none",
    b"elf",
    b"eabi",
    b"eabihf",
    b"mingw",
    b"freebsd",
    b"netbsd",
    b"openbsd",
    b"darwin",
    b"solaris",
    b"cygwin",
    b"wasi",
    b"wasip",
    b"emscripten",
    b"amdhsa",
    b"hurd",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The first form of a name that is one of some commands.
    fn form(name: &str) -> Option<&'static str> {
        const COMMANDS: [&str; 6] = ["gcc", "pip", "perf", "go", "cpan", "gcc-ar"];
        command_forms(name.as_bytes(), |form| COMMANDS.into_iter().find(|known| known.as_bytes() == form))
    }

    #[test]
    fn versions() {
        for (name, command) in [
            ("gcc", "gcc"),
            ("gcc-12", "gcc"),
            ("gcc12", "gcc"),
            ("gcc-12.2.1", "gcc"),
            ("gcc-ar-12", "gcc-ar"),
            ("pip3", "pip"),
            ("pip3.13t", "pip"),
            ("pip3.13td", "pip"),
            ("pip-3.9", "pip"),
            ("perf_5.10", "perf"),
            ("go1.22rc1", "go"),
            ("go1.21.0", "go"),
            ("go-12", "go"),
        ] {
            assert_eq!(form(name), Some(command), "{name}");
        }
        for name in [
            "",
            "-",
            "12",
            "gcc-",
            "gcc_",
            "gcc-12.",
            "gcc..1",
            "gcc.1",
            "gcct",
            "pipt",
            "gorc1",
            "gcc-12-base",
            "gcc-12t-x",
            "go1.22rc",
            "rc1",
            "beta2",
        ] {
            assert_eq!(form(name), None, "{name}");
        }
    }

    #[test]
    fn triplets() {
        for name in [
            "x86_64-linux-gnu-gcc",
            "x86_64-linux-musl-gcc",
            "x86_64-linux-gnu-gcc-12",
            "x86_64-linux-gnux32-gcc",
            "x86_64-alpine-linux-musl-gcc",
            "x86_64-redhat-linux-gcc-11",
            "x86_64-conda-linux-gnu-gcc",
            "x86_64-conda_cos6-linux-gnu-gcc",
            "x86_64-buildroot-linux-uclibc-gcc",
            "aarch64-rpi3-linux-gnu-gcc",
            "armv7l-unknown-linux-gnueabihf-gcc",
            "armv7a-linux-androideabi21-gcc",
            "aarch64-linux-android21-gcc",
            "mips64el-linux-gnuabi64-gcc",
            "arm-none-eabi-gcc-12.2.1",
            "riscv64-unknown-elf-gcc",
            "xtensa-esp32-elf-gcc",
            "x86_64-apple-darwin20.4-gcc",
            "x86_64-w64-mingw32-gcc-posix",
            "x86_64-w64-mingw32-gcc-12-win32",
            "avr-gcc",
            "avr-gcc-5.4.0",
            "i386-gcc",
        ] {
            assert_eq!(form(name), Some("gcc"), "{name}");
        }
        assert_eq!(form("cpan5.36-x86_64-linux-gnu"), Some("cpan"));
        assert_eq!(form("x86_64-linux-gnu-gcc-ar-12"), Some("gcc-ar"));
        for name in [
            "linux-gnu-gcc",
            "x86_64-my-own-gcc",
            "x86_64-linux-gnu-",
            "x86_64--gcc",
            "armadillo-gcc",
            "armadillo-linux-gnu-gcc",
            "gcc-x86_64",
            "gcc-linux-gnu",
            "gcc-12-posix-notes",
            "shell-gcc",
        ] {
            assert_eq!(form(name), None, "{name}");
        }
    }
}
