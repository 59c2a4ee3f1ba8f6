//! What it takes to say what is in an image, beside reading it alone: databases are kept while bytes go by, or fetched from the engine.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use imgbudget::catalogue;
use imgbudget::contents::Wish;
use imgbudget::domain::{LookIn, ReadWay, Source, Target};
use imgbudget::layer::Keep;
use imgbudget::memory::Memory;
use imgbudget::source::Limits;

use super::engine::Engine;
use super::images::{self, Image};
use super::many::{self, target};
use super::side::{inspect, median, told};
use super::table::{Row, seconds};

/// What surveying may take beyond reading.
const MOST: Duration = Duration::from_millis(300);

/// The archive of an image, read with all that is in it and without.
pub(crate) fn archive(folder: &Path, image: &Image, rounds: usize) -> io::Result<Row> {
    let path = images::archive_file(folder, image)?;
    let named = format!("a={}", path.display());
    let peak = told(inspect(&["--archive", &named]), "file").peak;
    let target = Target { source: Source::Archive { path, image: None }, ..target("a", "a:1", LookIn::Engine) };
    let row = beside(format!("{}: archive, all that is in it", image.name), &target, None, folder, rounds)?;
    Ok(row.peak(peak))
}

/// The same image of an engine, through its metadata; nothing is saved.
pub(crate) fn engine(engine: &Engine, folder: &Path, image: &Image, rounds: usize) -> io::Result<Row> {
    let tag = image.tag();
    let peak = told(engine.at(inspect(&["--image", &tag])), "metadata").peak;
    let target = target("a", &tag, LookIn::Engine);
    let row = beside(format!("{}: engine, all that is in it", image.name), &target, Some(engine), folder, rounds)?;
    Ok(row.peak(peak))
}

fn beside(what: String, target: &Target, engine: Option<&Engine>, folder: &Path, rounds: usize) -> io::Result<Row> {
    let once = |with: bool| {
        let memory = Memory::default();
        let keep = if with { Keep::new(catalogue::kept, &memory) } else { Keep::nothing() };
        let limits = Limits { memory, keep, ..Limits::default() };
        let contents = if with { Wish::ALL } else { Wish::default() };
        let environment = engine.map(Engine::environment).unwrap_or_default();
        let options = many::options(ReadWay::Auto, environment, folder, limits, contents);
        let began = Instant::now();
        let report = many::report(vec![target.clone()], &options, None)?;
        let took = began.elapsed();
        let contents = report.targets.first().and_then(|target| target.contents.as_ref());
        assert_eq!(contents.is_some(), with, "{report:?}");
        let packages =
            contents.and_then(|contents| contents.packages.as_ref()).map_or(0, |packages| packages.list.len());
        assert!(!with || packages > 2000, "{packages} packages: {:?}", contents.map(|contents| &contents.unread));
        Ok::<_, io::Error>(took)
    };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        with.push(once(true)?);
        without.push(once(false)?);
    }
    let (with, without) = (median(with), median(without));
    let more = with.saturating_sub(without);
    Ok(Row::figure(
        what,
        format!("{}, {} more", seconds(with), seconds(more)),
        format!("{} (reading alone)", seconds(without)),
        Some(with.as_secs_f64() / without.as_secs_f64()),
        format!("≤ {} more", seconds(MOST)),
        more <= MOST,
    ))
}

/// Where images of this part lie.
pub(crate) fn reference(folder: &Path) -> io::Result<Image> {
    let base = images::make(folder, images::SIZES[2])?;
    images::with_packages(folder, &base)
}
