//! `imgbudget why`: whose something in an image is, who brought it, and what removing it frees.

use super::measure::open;
use crate::cli::{LookArgs, WhyArgs, WhyShape};
use crate::delivery::screen;
use crate::domain::{TargetReport, Why, WhyReport};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::output::why as shown;
use crate::request::{self, subject};
use crate::session::{Session, Stop};
use crate::text;

/// Answers each word. Nothing is judged.
pub(super) fn run(args: &WhyArgs, session: &Session) -> Result<Exit, Error> {
    why(args, session).or_else(|stop| stop.show(session))
}

fn why(args: &WhyArgs, session: &Session) -> Result<Exit, Stop> {
    let look = &args.look;
    let (word, asked) = words(args, session)?;
    let subject = subject::of(word, look, "why", session)?;
    let (budgets, title, mut targets) = (subject.budgets, subject.title, vec![subject.target]);
    request::refuse(&look.build, &look.source, &mut targets, session)?;
    request::refuse_offline(&look.reach, &look.source, None)?;
    let mut options = request::options(&look.build, &look.permits, &look.limits, &look.reach, &budgets, session)?;
    options.wants_sizes = true;
    options.contents = request::packages_alone();
    let mut reports = Vec::new();
    for opened in open(&budgets, targets, &options, session)? {
        match opened {
            Ok(opened) => reports.push(opened.why(asked, &options.limits.memory)?),
            Err(report) => return Err(failed(*report).into()),
        }
    }
    let terminal = session.terminal;
    let how = shown::Options { title, width: terminal.width(), colour: terminal.colour(), all: args.show.all };
    let result = match args.show.format {
        WhyShape::Table => shown::screen(&reports, &how),
        WhyShape::Json => shown::json(&reports),
    };
    if !result.is_empty() {
        screen::print(result.into_bytes(), session)?;
    }
    let mut missing = 0;
    for report in &reports {
        for answer in report.answers.iter().filter(|answer| answer.things.is_empty()) {
            missing += 1;
            terminal.error(&nothing(report, answer, how.title.as_deref()));
        }
    }
    Ok(if missing > 0 { Exit::NotChecked } else { Exit::Within })
}

/// The word for the image, and those that are asked about. One word is asked of the only image there is.
fn words<'a>(args: &'a WhyArgs, session: &Session) -> Result<(Option<&'a str>, &'a [String]), Stop> {
    match args.words.as_slice() {
        [_] => Ok((None, &args.words)),
        [first, ..] if has_image(&args.look) && !subject::is_target(first, &args.look, session)? => {
            Ok((None, &args.words))
        }
        [image, rest @ ..] => Ok((Some(image.as_str()), rest)),
        [] => Err(Error::new(Class::Usage, "nothing is asked about")
            .with_hint("Name a path, a tool or a package: `imgbudget why api npm`.")
            .into()),
    }
}

/// Whether a flag says which image it is.
fn has_image(args: &LookArgs) -> bool {
    let source = &args.source;
    [&source.image, &source.archive, &source.layout].into_iter().any(|sources| !sources.is_empty())
}

/// Why the image could not be read.
fn failed(report: TargetReport) -> Error {
    let name = report.name;
    match report.error {
        None => Error::new(Class::Image, format!("{name}: could not be read")),
        Some(why) => {
            let mut error = Error::new(Class::Image, format!("{name}: {}", why.message)).with_detail(why.detail);
            if let Some(hint) = why.hint {
                error = error.with_hint(hint);
            }
            if let Some(place) = why.place {
                error = error.at(place);
            }
            error
        }
    }
}

/// A word that means nothing in an image.
fn nothing(report: &WhyReport, answer: &Why, title: Option<&str>) -> Error {
    let name = text::line(title.unwrap_or(report.target.as_str()));
    let asked = text::line(&answer.asked);
    let what = if answer.asked.starts_with('/') {
        format!("`{asked}` is not in {name}, nor in any of its layers")
    } else {
        format!("no path, tool or package in {name} is called `{asked}`")
    };
    let near: Vec<String> = answer.near.iter().map(|near| format!("`{}`", text::line(near))).collect();
    let near = match near.as_slice() {
        [] => None,
        [one] => Some(format!("Did you mean {one}?")),
        several => Some(format!("Did you mean one of {}?", several.join(", "))),
    };
    let unread = report.unread.first().map(|file| {
        format!("{} {}, so packages may be missing.", text::line(&file.path), text::line_within(&file.why, 200))
    });
    let hints: Vec<String> = near.into_iter().chain(unread).collect();
    let hint = if hints.is_empty() {
        "A word is a path from `/`, a glob such as `**/*.map`, a tool, a package or the name of a file.".to_owned()
    } else {
        hints.join(" ")
    };
    Error::new(Class::Usage, what).with_hint(hint)
}
