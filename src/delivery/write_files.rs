//! The files of `--write`: never one that the run itself reads, never one twice, and all of them opened before the work.

use std::path::{Path, PathBuf};

use super::output_file::OutputFile;
use crate::cli::WriteTo;
use crate::domain::{Budgets, Format, Report, Source, Target};
use crate::error::{Class, Error};
use crate::output::{self, Options};
use crate::session::Session;
use crate::text;

/// A file or folder that a run reads, and what it is to the run.
pub(crate) type Input = (PathBuf, &'static str);

/// The files that will be written at the end.
#[derive(Debug)]
pub(crate) struct WriteFiles(Vec<(Format, OutputFile)>);

impl WriteFiles {
    /// Opens them.
    ///
    /// # Errors
    /// A path that cannot be written, that is one of `inputs`, or that is given twice: two formats in one file would leave only the last.
    pub(crate) fn open(writes: &[WriteTo], inputs: &[Input], session: &Session) -> Result<Self, Error> {
        let real = |path: &Path| real(&session.working_directory.join(path));
        let inputs: Vec<(PathBuf, &str)> = inputs.iter().map(|(path, what)| (real(path), *what)).collect();
        let mut taken: Vec<PathBuf> = Vec::new();
        for write in writes {
            let (path, shown) = (real(&write.path), text::line(&write.path.display().to_string()));
            let is_read = |input: &Path| path == input || input.is_dir() && path.starts_with(input);
            if let Some((_, what)) = inputs.iter().find(|(input, _)| is_read(input)) {
                return Err(Error::new(Class::Usage, format!("--write would put the result over `{shown}`, {what}"))
                    .with_hint(format!(
                        "Name another file, as in --write {0}=out/report.{0}.",
                        write.format.as_str()
                    )));
            }
            if taken.contains(&path) {
                return Err(Error::new(Class::Usage, format!("--write names `{shown}` twice"))
                    .with_hint("Give each format a file of its own."));
            }
            taken.push(path);
        }
        let open = |write: &WriteTo| Ok((write.format, OutputFile::open(&write.path)?));
        writes.iter().map(open).collect::<Result<_, Error>>().map(Self)
    }

    /// Writes the result to each of them; one that fails keeps none of the others from it.
    ///
    /// # Errors
    /// The first that could not be written.
    pub(crate) fn write(self, report: &Report, options: &Options) -> Result<(), Error> {
        self.write_as(|format| rendered(format, report, options))
    }

    /// [`write`](Self::write) for a result that has forms of its own.
    ///
    /// # Errors
    /// The first that could not be written.
    pub(crate) fn write_as(self, rendered: impl Fn(Format) -> Result<Vec<u8>, Error>) -> Result<(), Error> {
        let write = |(format, file): (Format, OutputFile)| file.write(&rendered(format)?);
        self.0.into_iter().map(write).fold(Ok(()), Result::and)
    }
}

/// The bytes of a report in one format.
pub(crate) fn rendered(format: Format, report: &Report, options: &Options) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    output::render(format, report, options, &mut bytes).map_err(|error| {
        Error::new(Class::Io, format!("cannot write the {} report", format.as_str())).caused_by(error)
    })?;
    Ok(bytes)
}

/// What a run over `targets` reads beside the files of its command line. What is built from a context may well be written into: a
/// report is no part of the image.
pub(crate) fn inputs(budgets: &Budgets, targets: &[Target]) -> Vec<Input> {
    const BUDGETS: &str = "a file of the budgets";
    let declared = budgets.targets.iter().filter_map(|target| target.place.as_ref());
    let included = declared.chain(budgets.allows.iter().map(|allow| &allow.place));
    let mut inputs: Vec<Input> = included.map(|place| (PathBuf::from(&place.file), BUDGETS)).collect();
    inputs.extend(budgets.file.iter().map(|file| (file.clone(), BUDGETS)));
    inputs.extend(budgets.policy.iter().map(|policy| (policy.path.clone(), "the policy")));
    inputs.extend(budgets.baseline.iter().map(|file| (file.clone(), "the baseline")));
    for target in targets {
        inputs.extend(target.build.iter().map(|build| (build.dockerfile.clone(), "a Dockerfile")));
        match &target.source {
            Source::Archive { path, .. } => inputs.push((path.clone(), "an archive that is measured")),
            Source::Layout { path, .. } => inputs.push((path.clone(), "part of a layout that is measured")),
            Source::Build | Source::Image(_) => {}
        }
    }
    inputs
}

/// `path` without links and dots, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    there.map_or_else(
        || path.to_owned(),
        |(above, real)| real.join(path.strip_prefix(above).unwrap_or(Path::new(""))).components().collect(),
    )
}
