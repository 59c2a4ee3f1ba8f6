//! Several targets at once: what one of them does must not be felt by the others. All of it is told by the order of events; the
//! bound on waiting is there for the day that a test would hang.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use imgbudget::contents::Wish;
use imgbudget::domain::{Budgets, LookIn, ReadWay, Report, Rules, Source, Target, Verdict};
use imgbudget::files::Boundary;
use imgbudget::pipeline::{self, Options};
use imgbudget::progress::{Event, Observer};
use imgbudget::source::Limits;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

/// So long no machine takes for any of this.
const TOO_LONG: Duration = Duration::from_secs(120);

fn image() -> Image {
    Image::new().layer(Layer::new().file("app", 0o755, b"x")).named("acme/app:1")
}

/// A number that goes up, and whoever waits for it.
#[derive(Default)]
struct Count(Mutex<usize>, Condvar);

impl Count {
    fn add(&self, more: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += more;
        self.1.notify_all();
    }

    /// Whether it gets to `number`.
    fn reaches(&self, number: usize) -> bool {
        let count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.1.wait_timeout_while(count, TOO_LONG, |count| *count < number);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

#[test]
fn a_slow_target_holds_no_other_back() {
    const OTHERS: usize = 6;
    let archive = docker_archive(&[image()]);
    let inspect = format!(
        r#"{{"Id":"{}","Os":"linux","Architecture":"amd64","RootFS":{{"Type":"layers","Layers":[]}}}}"#,
        image().id()
    );
    let (read, in_time) = (Arc::<Count>::default(), Arc::new(Mutex::new(None)));
    let (counted, told) = (Arc::clone(&read), Arc::clone(&in_time));
    let engine = FakeEngine::new(move |asked| {
        if asked.contains("slow") {
            // The engine thinks about this one until all the others were read.
            *told.lock().unwrap() = Some(counted.reaches(OTHERS));
        }
        if asked.contains("/get") {
            counted.add(asked.matches("names=").count().max(1));
            return Reply::Bytes(archive.clone());
        }
        Reply::Json(inspect.clone())
    });
    let target = |number| format!("[targets.t{number}]\nimage = \"acme/t{number}:1\"\n");
    let others: Vec<String> = (0..OTHERS).map(target).collect();
    let slow = "[defaults]\nmax-size = \"1 kB\"\n[targets.a]\nimage = \"acme/slow:1\"\n";
    let budgets = format!("{slow}{}", others.concat());
    let project = Project::with(&budgets);
    let screen = project.imgbudget("check --jobs 2 --quiet").env("DOCKER_HOST", engine.host()).run();
    assert_eq!(*in_time.lock().unwrap(), Some(true), "the others waited for the slow one");
    assert_eq!(screen.code, Some(0), "{}{}", screen.stdout, screen.stderr);
    let rows: Vec<&str> = screen.stdout.lines().filter_map(|line| line.strip_prefix("✓ ")?.split(' ').next()).collect();
    assert_eq!(rows[..=OTHERS], ["a", "t0", "t1", "t2", "t3", "t4", "t5"], "in the order of the file");
}

/// Stops the first target where it begins to be judged, until it is told to go on.
struct Gate {
    judging: Sender<()>,
    go_on: Mutex<Receiver<()>>,
    others: Arc<Count>,
}

impl Observer for Gate {
    fn event(&self, target: &str, event: Event<'_>) {
        match (target, event) {
            ("first", Event::Judging) => {
                self.judging.send(()).unwrap();
                // A sender that is gone opens the gate, too.
                let _ = self.go_on.lock().unwrap().recv_timeout(TOO_LONG);
            }
            ("first", _) => {}
            (_, Event::Finished) => self.others.add(1),
            _ => {}
        }
    }
}

/// A run of two archives, one of which stands still while it is judged.
struct Scene {
    folder: TempDir,
    gate: Arc<Gate>,
    judging: Receiver<()>,
    go_on: Sender<()>,
    others: Arc<Count>,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("app.tar"), docker_archive(&[image()])).unwrap();
        let ((sender, judging), (go_on, receiver)) = (channel(), channel());
        let others = Arc::<Count>::default();
        let gate = Gate { judging: sender, go_on: Mutex::new(receiver), others: Arc::clone(&others) };
        Self { folder, gate: Arc::new(gate), judging, go_on, others }
    }

    fn options(&self) -> Options {
        Options {
            wants_sizes: false,
            contents: Wish::default(),
            project: "x".to_owned(),
            jobs: 2,
            no_build: true,
            no_cache: false,
            pull: false,
            read: ReadWay::Auto,
            layer_cache: None,
            offline: false,
            plain_http: Vec::new(),
            ca_files: Vec::new(),
            shelf: None,
            without: Vec::new(),
            timeout: None,
            limits: Limits::default(),
            environment: std::collections::BTreeMap::default(),
            working_directory: std::env::current_dir().unwrap(),
            boundary: Boundary::around(self.folder.path(), &|_| None),
            today: time::Date::MIN,
            commit: None,
            only_new: false,
            baseline: None,
            left_out: None,
        }
    }

    /// Runs the targets on one worker thread, as a machine with one core would.
    fn run(&self, names: &[&str], cancel: &CancellationToken) -> impl FnOnce() -> Report + Send + 'static {
        let (options, cancel, gate) = (self.options(), cancel.clone(), Arc::clone(&self.gate));
        let targets: Vec<Target> = names.iter().map(|name| target(name, &self.folder.path().join("app.tar"))).collect();
        move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let report = runtime.block_on(pipeline::run(&Budgets::default(), targets, &options, gate, &cancel));
            runtime.shutdown_background();
            report
        }
    }
}

fn target(name: &str, archive: &Path) -> Target {
    Target {
        name: name.parse().unwrap(),
        place: None,
        source: Source::Archive { path: archive.to_owned(), image: None },
        build: None,
        base: None,
        look_in: LookIn::Auto,
        may_ask_registry: true,
        platforms: Vec::new(),
        rules: Rules::default(),
    }
}

#[test]
fn judging_one_target_holds_no_other_back() {
    let scene = Scene::new();
    let run = std::thread::spawn(scene.run(&["first", "second", "third"], &CancellationToken::new()));
    scene.judging.recv_timeout(TOO_LONG).expect("the first target is judged");
    assert!(scene.others.reaches(2), "the others are done while the first is judged");
    scene.go_on.send(()).unwrap();
    let report = run.join().expect("a report");
    let names: Vec<&str> = report.targets.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(names, ["first", "second", "third"]);
    assert!(report.targets.iter().all(|target| target.verdict == Verdict::Warn));
}

#[test]
fn an_interruption_ends_the_run_while_a_target_is_judged() {
    let scene = Scene::new();
    let cancel = CancellationToken::new();
    let run = scene.run(&["first"], &cancel);
    let (sender, report) = channel();
    std::thread::spawn(move || sender.send(Box::new(run())));
    scene.judging.recv_timeout(TOO_LONG).expect("the first target is judged");
    cancel.cancel();
    // The gate is still closed.
    let report = report.recv_timeout(TOO_LONG).expect("the run ends before the judgement does");
    let error = report.targets[0].error.as_ref().map(|error| error.message.as_str());
    assert_eq!((report.verdict, error), (Verdict::Error, Some("interrupted before it was measured")));
    drop(scene.go_on);
}
