//! Progress on standard error: a spinner for each running step on a terminal, one line for each finished step elsewhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Terminal;
use crate::domain::Bytes;
use crate::progress::{Event, Observer};
use crate::text;

/// An observer that shows what it sees.
#[derive(Debug)]
pub struct Progress {
    way: Way,
}

#[derive(Debug)]
enum Way {
    None,
    Lines(Terminal),
    Bars(Bars),
}

#[derive(Debug)]
struct Bars {
    all: MultiProgress,
    /// By target and step; the empty step is the target's own line.
    running: Mutex<HashMap<(String, String), ProgressBar>>,
}

/// Steps and log lines beside a spinner are cut here, so that one step is one line on a terminal of 80 columns.
const LONGEST: usize = 56;

impl Progress {
    pub(super) fn none() -> Self {
        Self { way: Way::None }
    }

    pub(super) fn lines(terminal: Terminal) -> Self {
        Self { way: Way::Lines(terminal) }
    }

    pub(super) fn bars() -> Self {
        Self { way: Way::Bars(Bars { all: MultiProgress::new(), running: Mutex::default() }) }
    }

    /// Takes every spinner off the screen: the result comes next.
    pub fn clear(&self) {
        if let Way::Bars(bars) = &self.way {
            bars.running
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .drain()
                .for_each(|(_, bar)| bar.finish_and_clear());
        }
    }
}

impl Observer for Progress {
    fn event(&self, target: &str, event: Event<'_>) {
        match &self.way {
            Way::None => {}
            Way::Lines(terminal) => {
                if let Some(line) = line(target, &event) {
                    terminal.say(&line);
                }
            }
            Way::Bars(bars) => bars.show(target, &event),
        }
    }
}

/// What a finished event reads like; running ones say nothing.
fn line(target: &str, event: &Event<'_>) -> Option<String> {
    match event {
        Event::BuildStarted => Some(format!("{target}: building")),
        Event::StepDone { name, cached, took, failed, .. } => {
            let how = match (failed, cached, took) {
                (true, ..) => "failed".to_owned(),
                (_, true, _) => "cached".to_owned(),
                (.., Some(took)) => seconds(*took),
                _ => "done".to_owned(),
            };
            Some(format!("{target}: {} … {how}", text::line_within(name, LONGEST)))
        }
        Event::BuildDone { took, cached, steps } => {
            Some(format!("{target}: built in {}, {cached} of {steps} steps cached", seconds(*took)))
        }
        Event::Note(note) => Some(format!("{target}: note: {}", text::line_within(note, 300))),
        _ => None,
    }
}

/// What a target's own line says while something of it is waited for.
fn waiting(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::AskingEngine => "asking the engine".to_owned(),
        Event::AskingRegistry { host } => format!("asking {}", text::line_within(host, LONGEST)),
        Event::Saving { images: 0 | 1 } | Event::Reading { bytes: 0 } => {
            "waiting for the engine to hand over the image".to_owned()
        }
        Event::Saving { images } => format!("waiting for the engine to hand over {images} images"),
        Event::ReadingLayers { read, of, bytes } => {
            format!("reading layers, {read} of {of}, {}", Bytes(*bytes))
        }
        Event::WaitingFor { target } => {
            format!("waiting for layers that {} is reading", text::line_within(target, LONGEST))
        }
        Event::Reading { bytes } => format!("reading layers, {}", Bytes(*bytes)),
        Event::Judging => "judging".to_owned(),
        _ => return None,
    })
}

fn seconds(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

impl Bars {
    fn show(&self, target: &str, event: &Event<'_>) {
        match event {
            Event::StepStarted { id, name } => {
                self.bar(target, id).set_message(format!("{target} {}", text::line_within(name, LONGEST)));
            }
            Event::StepLog { id, line } if !line.trim().is_empty() => {
                let bar = self.bar(target, id);
                let message = bar.message();
                let step = message.split('\n').next().unwrap_or_default();
                bar.set_message(format!("{step}\n    {}", text::line_within(line.trim_end(), LONGEST + 14)));
            }
            Event::StepDone { id, .. } => {
                self.done(target, id);
                self.print(line(target, event));
            }
            Event::Finished => self.done(target, ""),
            Event::BuildDone { .. } | Event::Note(_) => self.print(line(target, event)),
            event => {
                if let Some(what) = waiting(event) {
                    self.bar(target, "").set_message(format!("{target} {what}"));
                }
            }
        }
    }

    fn print(&self, line: Option<String>) {
        if let Some(line) = line {
            // Progress is a courtesy: a terminal that went away must not stop the run.
            let _ = self.all.println(line);
        }
    }

    fn bar(&self, target: &str, step: &str) -> ProgressBar {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = running.entry((target.to_owned(), step.to_owned())).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{spinner} {elapsed:>4} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.clone()
    }

    fn done(&self, target: &str, step: &str) {
        let key = (target.to_owned(), step.to_owned());
        if let Some(bar) = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&key) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_what_it_waits_for() {
        let said = |event: Event<'_>| waiting(&event).unwrap_or_default();
        insta::assert_snapshot!(
            [
                said(Event::AskingEngine),
                said(Event::AskingRegistry { host: "r.example.com:5000" }),
                said(Event::Saving { images: 1 }),
                said(Event::Saving { images: 3 }),
                said(Event::ReadingLayers { read: 2, of: 7, bytes: 12_300_000 }),
                said(Event::ReadingLayers { read: 0, of: 1, bytes: 0 }),
                said(Event::WaitingFor { target: "api (linux/arm64)" }),
                said(Event::Reading { bytes: 5_000_000 }),
                said(Event::Judging),
            ]
            .join("\n"),
            @r"
        asking the engine
        asking r.example.com:5000
        waiting for the engine to hand over the image
        waiting for the engine to hand over 3 images
        reading layers, 2 of 7, 12.3 MB
        reading layers, 0 of 1, 0 B
        waiting for layers that api (linux/arm64) is reading
        reading layers, 5.0 MB
        judging
        "
        );
        assert_eq!(waiting(&Event::Finished), None);
    }

    #[test]
    fn what_a_registry_is_called_stays_one_harmless_line() {
        let said = waiting(&Event::AskingRegistry { host: "\u{1b}[31m\nevil" }).unwrap_or_default();
        assert!(!said.contains(['\u{1b}', '\n']), "{said:?}");
    }
}
