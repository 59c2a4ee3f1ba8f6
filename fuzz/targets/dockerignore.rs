//! .dockerignore: what a whole directory is judged to be holds for what is in it, and a last rule for everything is for everything.
//! The input is the file, and behind a NUL paths.
#![no_main]

use imgbudget::context::Ignore;
use imgbudget::context::ignore::Judged;
use libfuzzer_sys::fuzz_target;

/// Judges a path as the walk does, directory by directory.
fn judged(ignore: &Ignore, path: &[u8]) -> Vec<(Vec<u8>, Judged)> {
    let mut all: Vec<(Vec<u8>, Judged)> = Vec::new();
    for name in path.split(|byte| *byte == b'/').filter(|name| !matches!(*name, b"" | b"." | b"..")) {
        let (above, parent) = all.last().cloned().unwrap_or_default();
        let path = if above.is_empty() { name.to_vec() } else { [&above, &b"/"[..], name].concat() };
        let judged = ignore.judge(&path, &parent);
        all.push((path, judged));
    }
    all
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("dockerignore"), |data: &[u8]| {
    let mut parts = data.split(|byte| *byte == 0);
    let Some(file) = parts.next().filter(|file| file.len() < 4096) else { return };
    let paths: Vec<_> = parts.filter(|path| path.len() < 256).take(8).collect();
    let ignore = match Ignore::parse(".dockerignore", file) {
        Ok(ignore) => ignore,
        Err(error) => {
            let lines = file.split(|byte| *byte == b'\n').count();
            let place = error.place().expect("at its line");
            assert!((1..=lines).contains(&(place.line as usize)));
            assert!(!error.to_string().chars().any(imgbudget::text::is_hidden));
            return;
        }
    };
    let with = |last: &[u8]| Ignore::parse(".dockerignore", &[file, last].concat()).expect("one more good line");
    let (nothing, everything) = (with(b"\n**"), with(b"\n!**"));
    for path in paths {
        let all = judged(&ignore, path);
        for (number, (directory, above)) in all.iter().enumerate() {
            if above.excluded && !ignore.may_bring_back_below(directory) {
                let back = all[number..].iter().find(|(_, judged)| !judged.excluded);
                assert!(back.is_none(), "{back:?} comes back below {directory:?}, which is not walked");
            }
        }
        assert!(judged(&nothing, path).iter().all(|(_, judged)| judged.excluded));
        assert!(judged(&everything, path).iter().all(|(_, judged)| !judged.excluded));
    }
});
