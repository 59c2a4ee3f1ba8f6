//! What reading an image takes, beside what people would use in its place: both sides in turn in one run, and their ratio. Decides
//! nothing.
//!
//! `cargo bench --bench reading -- [--sizes small,medium,large] [--rounds N] [--only PART] [--containerd DOCKER_HOST]
//! [--registry HOST] [--markdown]`. BENCHMARKS.md says what each row is.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a benchmark prints, and fails loudly"
)]

mod content;
mod engine;
mod files;
mod images;
mod many;
mod packages;
mod registry;
mod side;
mod survey;
mod table;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use engine::Engine;
use images::{Image, SIZES};
use registry::Registry;
use table::Row;

/// What reading an image takes, beside what people would use in its place.
#[derive(Debug, Parser)]
struct Args {
    /// Which images
    #[arg(long, value_delimiter = ',', default_value = "small,medium,large")]
    sizes: Vec<String>,
    /// Runs of each side
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Only these parts of the table
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// An engine with containerd's image store, as DOCKER_HOST has it
    #[arg(long)]
    containerd: Option<String>,
    /// A registry that takes images; else a docker-registry of the benchmark's own
    #[arg(long)]
    registry: Option<String>,
    /// Where the images are kept
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/reading"))]
    folder: PathBuf,
    /// Write the figures into BENCHMARKS.md
    #[arg(long)]
    markdown: bool,
    /// What cargo says
    #[arg(long, hide = true)]
    bench: bool,
}

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Engine,
    Containerd,
    Cached,
    Save,
    Archive,
    Registry,
    Shared,
    Entries,
    Slow,
    Survey,
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

fn main() {
    let args = Args::parse();
    let rows = rows(&args).expect("files can be written");
    println!("\n{}\n\n{}", table::machine(), table::screen(&rows));
    if args.markdown {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("BENCHMARKS.md");
        table::write(&page, &table::markdown(&rows, args.rounds.into())).expect("BENCHMARKS.md");
    }
}

fn rows(args: &Args) -> io::Result<Vec<Row>> {
    let (folder, rounds) = (&args.folder, usize::from(args.rounds));
    std::fs::create_dir_all(folder)?;
    let mut found = Vec::new();
    for recipe in SIZES.iter().filter(|recipe| args.sizes.iter().any(|size| size == recipe.name)) {
        found.push(images::make(folder, *recipe)?);
    }
    let engine = Engine::find(None).filter(|engine| !engine.is_containerd);
    let containerd = args.containerd.as_deref().and_then(|host| Engine::find(Some(host)));
    let containerd = containerd.filter(|engine| engine.is_containerd);
    let registry = Registry::start(folder, args.registry.as_deref())?;
    let mut rows = Vec::new();
    let mut each = |part: Part, what: &str, lacks: Option<&str>, run: &dyn Fn(&Image) -> io::Result<Vec<Row>>| {
        if !args.wants(part) {
            return;
        }
        match lacks {
            Some(why) => rows.push(Row::not_run(what, why)),
            None => {
                rows.extend(found.iter().flat_map(|image| tried(&format!("{}: {what}", image.name), || run(image))));
            }
        }
    };
    let no_engine = engine.is_none().then_some("no engine with the classic store");
    let no_containerd = containerd.is_none().then_some("--containerd does not name an engine with containerd's store");
    let no_registry = registry.is_none().then_some("no docker-registry");
    let on = |engine: &Option<Engine>, image: &Image, run: &dyn Fn(&Engine) -> Vec<Row>| {
        let Some(engine) = engine else { return Ok(Vec::new()) };
        engine.load(std::slice::from_ref(image))?;
        Ok(run(engine))
    };
    each(Part::Engine, "engine, nothing cached", no_engine, &|image| {
        on(&engine, image, &|engine| engine::classic(engine, image, rounds))
    });
    each(Part::Containerd, "containerd's store, nothing cached", no_containerd, &|image| {
        on(&containerd, image, &|engine| vec![engine::containerd(engine, image, rounds)])
    });
    each(Part::Cached, "all layers cached", no_engine, &|image| {
        on(&engine, image, &|engine| vec![engine::cached(engine, image, folder, rounds)])
    });
    each(Part::Save, "--read save", no_engine, &|image| {
        on(&engine, image, &|engine| vec![engine::save(engine, image, rounds)])
    });
    each(Part::Archive, "archive", None, &|image| Ok(vec![files::archive(folder, image, rounds)?]));
    each(Part::Registry, "registry, nothing cached", no_registry, &|image| match &registry {
        Some(registry) => registry::rows(registry, image, rounds),
        None => Ok(Vec::new()),
    });
    rows.extend(several(args, engine.as_ref(), registry.as_ref()));
    if args.wants(Part::Entries) {
        rows.extend(tried("entries", || files::entries(folder, rounds)));
    }
    if args.wants(Part::Survey) {
        rows.extend(tried("all that is in an archive", || {
            Ok(vec![survey::archive(folder, &survey::reference(folder)?, rounds)?])
        }));
        rows.extend(match &engine {
            None => vec![Row::not_run("all that is in an image of an engine", "no engine with the classic store")],
            Some(engine) => tried("all that is in an image of an engine", || {
                let image = survey::reference(folder)?;
                engine.load(std::slice::from_ref(&image))?;
                Ok(vec![survey::engine(engine, folder, &image, rounds)?])
            }),
        });
    }
    Ok(rows)
}

/// A part of the table. One that fails says why on the way, is shown as not run, and ends none of the others.
fn tried(what: &str, run: impl FnOnce() -> io::Result<Vec<Row>>) -> Vec<Row> {
    eprintln!("{what} …");
    let rows = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(rows)) => rows,
        Ok(Err(error)) => vec![Row::not_run(what, &error.to_string())],
        Err(_) => vec![Row::not_run(what, "it failed")],
    };
    for row in &rows {
        eprintln!("  {}", row.line());
    }
    rows
}

/// Ten images over one base, and twenty targets.
fn several(args: &Args, engine: Option<&Engine>, registry: Option<&Registry>) -> Vec<Row> {
    let rounds = usize::from(args.rounds);
    let prepared = || {
        let base = images::make(&args.folder, SIZES[0])?;
        let images = images::on_one_base(&args.folder, &base, 19)?;
        engine.map_or(Ok(()), |engine| engine.load(&images))?;
        registry.map_or(Ok(()), |registry| images[..10].iter().try_for_each(|image| registry.push(image)))?;
        Ok::<_, io::Error>(images)
    };
    let (shared, slow) = ("ten images over one base", "twenty targets, one slow");
    let mut rows = Vec::new();
    if args.wants(Part::Shared) {
        rows.extend(if engine.is_none() && registry.is_none() {
            vec![Row::not_run(shared, "no engine and no registry")]
        } else {
            tried(shared, || Ok(many::shared(engine, registry, &prepared()?[..10], rounds)))
        });
    }
    if args.wants(Part::Slow) {
        rows.extend(match (engine, registry) {
            (Some(engine), Some(registry)) => {
                tried(slow, || many::one_slow(engine, registry, &prepared()?, &args.folder, rounds))
            }
            _ => vec![Row::not_run(slow, "needs an engine and a registry")],
        });
    }
    rows
}
