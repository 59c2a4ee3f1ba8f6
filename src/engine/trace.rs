//! BuildKit's progress (`moby.buildkit.trace`, StatusResponse of BuildKit's control API) as events, and as the story of a failure.

use std::collections::HashMap;
use std::time::Duration;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};
use bollard::models::BuildInfoAux;

use super::step::StepName;
use super::tail::Tail;
use crate::progress::{Event, Observer};

/// More vertexes than any Dockerfile has: what comes beyond is not followed.
const MOST: usize = 10_000;

/// A build under way.
#[derive(Default)]
pub(crate) struct Trace {
    vertexes: HashMap<String, Followed>,
    /// Digest of the vertex that failed first.
    failed: Option<String>,
}

#[derive(Default)]
struct Followed {
    name: String,
    visible: bool,
    step: bool,
    started: bool,
    done: bool,
    cached: bool,
    error: String,
    log: Tail,
}

/// The vertex that made a build fail.
pub(crate) struct FailedVertex<'a> {
    pub(crate) name: &'a str,
    pub(crate) error: &'a str,
    pub(crate) log: Vec<String>,
}

impl Trace {
    /// Takes the trace record out of a line of the build's answer, if it has one, and tells `observer`.
    pub(crate) fn read(&mut self, aux: Option<&BuildInfoAux>, target: &str, observer: &dyn Observer) {
        if let Some(BuildInfoAux::BuildKit(record)) = aux {
            self.follow(record, target, observer);
        }
    }

    fn follow(&mut self, record: &StatusResponse, target: &str, observer: &dyn Observer) {
        for vertex in &record.vertexes {
            self.vertex(vertex, target, observer);
        }
        for log in &record.logs {
            let Some(followed) = self.vertexes.get_mut(&log.vertex) else { continue };
            let visible = followed.visible;
            followed.log.push(&log.msg, |line| {
                if visible {
                    observer.event(target, Event::StepLog { id: &log.vertex, line });
                }
            });
        }
    }

    fn vertex(&mut self, vertex: &Vertex, target: &str, observer: &dyn Observer) {
        if self.vertexes.len() >= MOST && !self.vertexes.contains_key(&vertex.digest) {
            return;
        }
        let followed = self.vertexes.entry(vertex.digest.clone()).or_default();
        if followed.name != vertex.name {
            followed.name.clone_from(&vertex.name);
            followed.step = StepName::parse(&vertex.name).is_some();
            followed.visible = followed.step || vertex.name.starts_with("exporting");
        }
        let (id, name) = (vertex.digest.as_str(), vertex.name.as_str());
        // A step out of the cache never ran: it only ends.
        if vertex.started.is_some() && !vertex.cached && !followed.started {
            followed.started = true;
            if followed.visible {
                observer.event(target, Event::StepStarted { id, name });
            }
        }
        // Steps that were cancelled because another one failed have errors too, and explain nothing.
        if !vertex.error.is_empty() {
            followed.error.clone_from(&vertex.error);
            if self.failed.is_none() && !vertex.error.contains("context canceled") {
                self.failed = Some(vertex.digest.clone());
            }
        }
        if vertex.completed.is_some() && !followed.done {
            followed.done = true;
            followed.cached = vertex.cached;
            let visible = followed.visible;
            followed.log.finish(|line| {
                if visible {
                    observer.event(target, Event::StepLog { id, line });
                }
            });
            if visible {
                let failed = !vertex.error.is_empty();
                observer.event(target, Event::StepDone { id, name, cached: vertex.cached, took: took(vertex), failed });
            }
        }
    }

    /// How many steps the build has had, and how many of them came out of the cache.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let steps = || self.vertexes.values().filter(|vertex| vertex.step && vertex.done);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        (count(steps().count()), count(steps().filter(|vertex| vertex.cached).count()))
    }

    /// The steps by name, in no order.
    pub(crate) fn names(&self) -> Vec<StepName> {
        self.vertexes.values().filter_map(|vertex| StepName::parse(&vertex.name)).collect()
    }

    /// The vertex that made the build fail, when BuildKit blamed one.
    pub(crate) fn failed(&self) -> Option<FailedVertex<'_>> {
        let followed = self.vertexes.get(self.failed.as_ref()?)?;
        let log = followed.log.lines().map(str::to_owned).collect();
        Some(FailedVertex { name: &followed.name, error: &followed.error, log })
    }
}

/// How long a vertex took; `None` where the engine's clock went backwards.
fn took(vertex: &Vertex) -> Option<Duration> {
    let nanoseconds = |seconds: i64, nanos: i32| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let (from, to) = (vertex.started.as_ref()?, vertex.completed.as_ref()?);
    let nanoseconds = nanoseconds(to.seconds, to.nanos) - nanoseconds(from.seconds, from.nanos);
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use bollard::moby::buildkit::v1::VertexLog;

    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Observer for Heard {
        fn event(&self, target: &str, event: Event<'_>) {
            self.0.lock().expect("lock").push(format!("{target}: {event:?}"));
        }
    }

    fn vertex(digest: &str, name: &str, seconds: Option<(i64, Option<i64>)>) -> Vertex {
        let mut vertex = Vertex { digest: digest.to_owned(), name: name.to_owned(), ..Vertex::default() };
        if let Some((from, to)) = seconds {
            vertex.started.get_or_insert_default().seconds = from;
            if let Some(to) = to {
                vertex.completed.get_or_insert_default().seconds = to;
            }
        }
        vertex
    }

    fn log(digest: &str, text: &[u8]) -> VertexLog {
        VertexLog { vertex: digest.to_owned(), msg: text.to_vec(), ..VertexLog::default() }
    }

    fn heard(records: Vec<StatusResponse>) -> (Trace, Vec<String>) {
        let (mut trace, heard) = (Trace::default(), Heard::default());
        for record in records {
            trace.read(Some(&BuildInfoAux::BuildKit(record)), "web", &heard);
        }
        (trace, heard.0.into_inner().expect("lock"))
    }

    #[test]
    fn a_failing_step_is_told_with_its_log() {
        let run = "[build 2/2] RUN make";
        let mut failing = vertex("d2", run, Some((5, Some(7))));
        failing.error = "exit code: 2".to_owned();
        let mut canceled = vertex("d3", "[2/3] RUN other", Some((5, Some(7))));
        canceled.error = "context canceled".to_owned();
        let cached = Vertex { cached: true, ..vertex("d1", "[build 1/2] FROM base", Some((4, Some(4)))) };
        let (trace, heard) = heard(vec![
            StatusResponse {
                vertexes: vec![
                    vertex("d0", "[internal] load metadata for base", Some((1, Some(2)))),
                    cached,
                    vertex("d2", run, None),
                    vertex("d2", run, Some((5, None))),
                ],
                logs: vec![log("d2", b"cc a.c\nno such"), log("gone", b"x\n")],
                ..StatusResponse::default()
            },
            StatusResponse { logs: vec![log("d2", b" file")], ..StatusResponse::default() },
            StatusResponse { vertexes: vec![canceled, failing.clone(), failing], ..StatusResponse::default() },
        ]);
        insta::assert_snapshot!(heard.join("\n"), @r#"
        web: StepDone { id: "d1", name: "[build 1/2] FROM base", cached: true, took: Some(0ns), failed: false }
        web: StepStarted { id: "d2", name: "[build 2/2] RUN make" }
        web: StepLog { id: "d2", line: "cc a.c" }
        web: StepStarted { id: "d3", name: "[2/3] RUN other" }
        web: StepDone { id: "d3", name: "[2/3] RUN other", cached: false, took: Some(2s), failed: true }
        web: StepLog { id: "d2", line: "no such file" }
        web: StepDone { id: "d2", name: "[build 2/2] RUN make", cached: false, took: Some(2s), failed: true }
        "#);
        assert_eq!(trace.counts(), (3, 1));
        let failed = trace.failed().expect("a vertex failed");
        assert_eq!((failed.name, failed.error), (run, "exit code: 2"));
        assert_eq!(failed.log, ["cc a.c", "no such file"]);
    }

    #[test]
    fn a_clock_that_runs_backwards_tells_no_time() {
        assert_eq!(took(&vertex("d", "n", Some((7, Some(5))))), None);
        assert_eq!(took(&vertex("d", "n", Some((i64::MIN, Some(i64::MAX))))), None);
        assert_eq!(took(&vertex("d", "n", Some((7, None)))), None);
    }
}
