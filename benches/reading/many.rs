//! Several images in one run: what they share, and one that keeps the run waiting.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use imgbudget::contents::Wish;
use imgbudget::domain::{Budgets, LookIn, ReadWay, Report, Rules, Source, Target, Verdict};
use imgbudget::files::Boundary;
use imgbudget::pipeline::{self, Options};
use imgbudget::progress::{Event, Observer, Silent};
use imgbudget::source::Limits;
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::images::{Image, Layer};
use super::registry::{Registry, Relay, reference};
use super::side::{check, in_turn, median, told};
use super::table::{Row, megabytes, seconds};

/// Images over one base: what is read, and how long that takes, beside one of them.
pub(crate) fn shared(
    engine: Option<&Engine>,
    registry: Option<&Registry>,
    images: &[Image],
    rounds: usize,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let unique = |images: &[Image], bytes: &dyn Fn(&Layer) -> u64| -> u64 {
        let layers: BTreeMap<&str, u64> =
            images.iter().flat_map(|image| &image.layers).map(|layer| (layer.diff_id.as_str(), bytes(layer))).collect();
        layers.values().sum()
    };
    let mut row = |way: &str, how: &str, args: &[&str], host: Option<&str>, bytes: &dyn Fn(&Layer) -> u64| {
        let name = |image: &Image| host.map_or_else(|| image.tag(), |host| reference(host, image));
        let named: Vec<String> =
            images.iter().enumerate().map(|(number, image)| format!("t{number}={}", name(image))).collect();
        let command = |some: &[String]| {
            let images = some.iter().flat_map(|named| ["--image", named.as_str()]);
            let args: Vec<&str> = args.iter().copied().chain(images).collect();
            engine.map_or_else(|| check(&args), |engine| engine.at(check(&args)))
        };
        let (ten, one) = (|| command(&named), || command(&named[..1]));
        let (all, first) = (told(ten(), how), told(one(), how));
        let times = in_turn(rounds, &[&ten, &one]);
        let growth = unique(images, bytes) as f64 / unique(&images[..1], bytes) as f64;
        let ratio = times[0].as_secs_f64() / times[1].as_secs_f64();
        let side = |time, bytes| format!("{}, {} read", seconds(time), megabytes(bytes));
        rows.push(
            Row::figure(
                format!("{} images over one base, {way}, beside one", images.len()),
                side(times[0], all.bytes),
                side(times[1], first.bytes),
                Some(ratio),
                format!("≤ 1.2 × {growth:.2}, as unique bytes"),
                ratio <= 1.2 * growth,
            )
            .peak(all.peak),
        );
    };
    if engine.is_some() {
        row("engine's metadata", "metadata", &[], None, &|layer| layer.tar_bytes);
        row("--read save", "save", &["--read", "save"], None, &|layer| layer.tar_bytes);
    }
    if let Some(registry) = registry {
        row("registry", "registry", &["--from", "registry"], Some(&registry.host), &|layer| layer.gzip_bytes);
    }
    rows
}

/// Notes when the targets beside the slow one are done.
#[derive(Debug)]
struct Others {
    began: Instant,
    last: Mutex<Duration>,
}

const SLOW: &str = "slow";

impl Observer for Others {
    fn event(&self, target: &str, event: Event<'_>) {
        if target != SLOW && event == Event::Finished {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = self.began.elapsed();
        }
    }
}

/// Targets of an engine, with and without one whose registry takes long to answer: when the others are done.
pub(crate) fn one_slow(
    engine: &Engine,
    registry: &Registry,
    images: &[Image],
    folder: &Path,
    rounds: usize,
) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (way, said) in [(ReadWay::Auto, "engine's metadata"), (ReadWay::Save, "--read save")] {
        let others: Vec<Target> = images
            .iter()
            .enumerate()
            .map(|(number, image)| target(&format!("t{number}"), &image.tag(), LookIn::Engine))
            .collect();
        let once = |targets: Vec<Target>| run(targets, way, engine, folder);
        let alone = once(others.clone())?;
        let relay = Relay::start(&registry.host, alone * 3 + Duration::from_secs(1))?;
        let mut with_slow = vec![target(SLOW, &reference(&relay.host, &images[0]), LookIn::Registry)];
        with_slow.extend(others.iter().cloned());
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            with.push(once(with_slow.clone())?);
            without.push(once(others.clone())?);
        }
        let what = format!("{} targets, one slow, {said}: the others are done", images.len() + 1);
        rows.push(Row::ratio(what, median(with), ("without the slow one", median(without)), 1.1));
    }
    Ok(rows)
}

pub(crate) fn target(name: &str, reference: &str, look_in: LookIn) -> Target {
    Target {
        name: name.parse().expect("a name"),
        place: None,
        source: Source::Image(reference.parse().expect("a reference")),
        build: None,
        base: None,
        look_in,
        may_ask_registry: true,
        platforms: Vec::new(),
        rules: Rules::default(),
    }
}

/// How long it takes until all but the slow target have their result.
fn run(targets: Vec<Target>, read: ReadWay, engine: &Engine, folder: &Path) -> io::Result<Duration> {
    let options = options(read, engine.environment(), folder, Limits::default(), Wish::default());
    let others = Arc::new(Others { began: Instant::now(), last: Mutex::default() });
    report(targets, &options, Some(Arc::clone(&others) as _))?;
    let last = others.last.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(*last)
}

/// Reads all of every image, and caches nothing.
pub(crate) fn options(
    read: ReadWay,
    environment: BTreeMap<String, String>,
    folder: &Path,
    limits: Limits,
    contents: Wish,
) -> Options {
    Options {
        wants_sizes: true,
        contents,
        shelf: None,
        without: Vec::new(),
        project: "bench".to_owned(),
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        no_build: true,
        no_cache: false,
        pull: false,
        read,
        layer_cache: None,
        offline: false,
        plain_http: Vec::new(),
        ca_files: Vec::new(),
        timeout: None,
        limits,
        environment,
        working_directory: folder.to_owned(),
        boundary: Boundary::around(folder, &|_| None),
        today: time::Date::MIN,
        commit: None,
        baseline: None,
        only_new: false,
        left_out: None,
    }
}

/// The report of a run in this process.
pub(crate) fn report(
    targets: Vec<Target>,
    options: &Options,
    observer: Option<Arc<dyn Observer>>,
) -> io::Result<Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (budgets, stop) = (Budgets::default(), CancellationToken::new());
    let observer = observer.unwrap_or_else(|| Arc::new(Silent));
    let report = runtime.block_on(pipeline::run(&budgets, targets, options, observer, &stop));
    for target in &report.targets {
        assert!(target.verdict != Verdict::Error, "{}: {:?}", target.name, target.error);
    }
    Ok(report)
}
