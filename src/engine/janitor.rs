//! Removes the containers that imgbudget created: in the background when nobody needs them any more, and on the next run those that a
//! process left that was killed.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptions};
use tokio::runtime::Handle;

use super::connect::Engine;
use super::fault;
use crate::domain::Digest;

/// The label of every container that imgbudget creates. Its value is part of the container's name. An image can have the label, too, and
/// then so have its containers: only where name and label agree is the container imgbudget's.
pub const LABEL: &str = "org.imgbudget.container";
/// The label that says which process created it: see [`process`].
pub(super) const PROCESS: &str = "org.imgbudget.process";

/// Seconds that a container is left alone when its process cannot be looked for, since it runs elsewhere. Reading takes seconds, and
/// whoever loses the container all the same reads the image another way.
const ABANDONED: i64 = 15 * 60;

/// The pauses after failures to remove a container; then it stays for the next run.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// The life of one container, which outlasts whoever asked for it.
#[derive(Debug)]
pub(super) struct Charge {
    engine: Engine,
    name: String,
    /// Locked while the engine may still be creating it, or must not lose it yet.
    busy: Arc<tokio::sync::Mutex<()>>,
    runtime: Handle,
    is_there: bool,
}

impl Engine {
    /// Waits until the containers that nobody needs any more are removed, and names those that are still there after `patience`.
    pub async fn settle(&self, patience: Duration) -> Vec<String> {
        let errands = self.errands();
        errands.tasks.close();
        // Whether it was long enough shows in what is left.
        let _ = tokio::time::timeout(patience, errands.tasks.wait()).await;
        errands.containers().iter().cloned().collect()
    }
}

impl Charge {
    /// Creates the container of this name by `create`, to the end even if nobody waits for it any more. The first one of a run looks
    /// for what others left, too.
    pub(super) async fn create<E: Send + 'static>(
        engine: &Engine,
        name: String,
        create: impl Future<Output = Result<(), E>> + Send + 'static,
        has_refused: impl FnOnce(&E) -> bool,
    ) -> Result<Self, Option<E>> {
        let errands = engine.errands();
        errands.containers().insert(name.clone());
        let busy = Arc::new(tokio::sync::Mutex::new(()));
        let mut charge =
            Self { engine: engine.clone(), name, busy: Arc::clone(&busy), runtime: Handle::current(), is_there: true };
        let (engine, name) = (engine.clone(), charge.name.clone());
        let held = busy.lock_owned().await;
        let task = errands.tasks.spawn(async move {
            let created = create.await;
            if created.is_ok() && !engine.errands().has_swept.swap(true, Ordering::Relaxed) {
                // Beside whatever the container is for; it has to be there while others are compared with it.
                let swept = sweep(engine.clone(), name, held);
                engine.errands().tasks.spawn(swept);
            }
            created
        });
        match task.await {
            Ok(Ok(())) => Ok(charge),
            Ok(Err(error)) => {
                if has_refused(&error) {
                    charge.is_there = false;
                    charge.engine.errands().containers().remove(&charge.name);
                }
                Err(Some(error))
            }
            Err(_) => Err(None),
        }
    }

    /// What the container is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if !self.is_there {
            return;
        }
        let (engine, name, busy) = (self.engine.clone(), self.name.clone(), Arc::clone(&self.busy));
        let removal = async move {
            let _created = busy.lock().await;
            if remove(&engine, &name).await {
                engine.errands().containers().remove(&name);
            }
        };
        self.engine.errands().tasks.spawn_on(removal, &self.runtime);
    }
}

/// Removes a container with its volumes, and says whether it is gone.
async fn remove(engine: &Engine, name: &str) -> bool {
    let options = || Some(RemoveContainerOptions { v: true, force: true, link: false });
    let mut pauses = PAUSES.iter();
    loop {
        let removed = engine.ask(async |docker| docker.remove_container(name, options()).await).await;
        match removed.as_ref().map_err(fault::refusal) {
            Ok(()) | Err(Some((404, _))) => return true,
            Err(Some((401 | 403, _))) => return false,
            Err(_) => match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return false,
            },
        }
    }
}

/// Removes what processes left that are gone. `own` is a container that was created just now: the engine's clock is the one that tells
/// how old another is.
async fn sweep(engine: Engine, own: String, held: tokio::sync::OwnedMutexGuard<()>) {
    let filters = HashMap::from([("label", vec![LABEL]), ("status", vec!["created"])]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    // Where lists are forbidden, there is nothing to find.
    let Ok(found) = engine.ask(async |docker| docker.list_containers(Some(options)).await).await else { return };
    drop(held);
    let Some(now) = found.iter().find(|one| token_of(one).is_some_and(|token| own.ends_with(token))) else { return };
    let (now, here) = (now.created.unwrap_or_default(), Place::here());
    for other in &found {
        let Some(token) = token_of(other) else { continue };
        let process = other.labels.as_ref().and_then(|labels| labels.get(PROCESS)).map_or("", String::as_str);
        let age = now.saturating_sub(other.created.unwrap_or(now));
        if is_abandoned(process, age, here.as_ref()) {
            remove(&engine, &format!("{NAME}{token}")).await;
        }
    }
}

/// What containers' names begin with.
pub(super) const NAME: &str = "imgbudget-";

/// What a never-started container of imgbudget has as label and, after [`NAME`], as name.
fn token_of(container: &ContainerSummary) -> Option<&str> {
    let token = container.labels.as_ref()?.get(LABEL)?;
    let is_token = token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_named = |name: &String| name.trim_start_matches('/').strip_prefix(NAME) == Some(token);
    let was_never_started = container.state == Some(ContainerSummaryStateEnum::CREATED);
    (is_token && was_never_started && container.names.iter().flatten().any(is_named)).then_some(token)
}

/// Where processes are told apart by their numbers: one boot of one machine, one namespace of processes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place(String);

impl Place {
    /// Where this process runs; `None` where the system does not say.
    fn here() -> Option<Self> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
        Some(Self(Digest::of(format!("{boot}{}", namespace.display())).short()))
    }
}

/// This process: its place, its number and when it began, so that a later one of the same number is not taken for it. Empty where the
/// system does not say.
pub(super) fn process() -> String {
    let id = std::process::id();
    match (Place::here(), began(id)) {
        (Some(Place(place)), Some(began)) => format!("{place}/{id}/{began}"),
        _ => String::new(),
    }
}

/// Whether nobody will come back for a container that `process` created so many seconds ago.
fn is_abandoned(process: &str, age: i64, here: Option<&Place>) -> bool {
    let mut parts = process.splitn(3, '/');
    let (place, id, start) = (parts.next(), parts.next(), parts.next());
    let is_here = here.is_some_and(|Place(here)| Some(here.as_str()) == place);
    // Where other users' processes are hidden, none of them is known to be gone.
    match id.and_then(|id| id.parse().ok()).filter(|_| is_here && began(1).is_some()) {
        Some(id) => began(id).as_deref() != start,
        None => age >= ABANDONED,
    }
}

/// When a process began, in the system's own count (`starttime` of proc(5)); `None` when there is no such process.
fn began(process: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_keeps_its_container_and_one_that_is_gone_does_not() {
        let here = Place::here();
        let own = process();
        assert_eq!(own.split('/').count(), 3, "{own}");
        assert!(!is_abandoned(&own, i64::MAX, here.as_ref()));
        let (before, start) = own.rsplit_once('/').expect("three parts");
        assert!(is_abandoned(&format!("{before}/{start}0"), 0, here.as_ref()), "another process of this number");
        let (place, _) = before.split_once('/').expect("three parts");
        assert!(is_abandoned(&format!("{place}/4194305/1"), 0, here.as_ref()), "no process has this number");
    }

    #[test]
    fn a_process_elsewhere_is_known_by_the_age_of_its_container() {
        let here = Place::here();
        for process in ["", "0123456789ab/1/1", "strange", "a/b/c/d"] {
            assert!(!is_abandoned(process, ABANDONED - 1, here.as_ref()), "{process}");
            assert!(is_abandoned(process, ABANDONED, here.as_ref()), "{process}");
        }
        assert!(!is_abandoned(&process(), 0, None));
    }

    #[test]
    fn a_label_that_an_image_has_makes_no_container_ours() {
        let token = "0123456789abcdef0123456789abcdef";
        let container = |name: &str, label: &str, state| ContainerSummary {
            names: Some(vec![name.to_owned()]),
            labels: Some([(LABEL.to_owned(), label.to_owned())].into()),
            state: Some(state),
            ..ContainerSummary::default()
        };
        let created = ContainerSummaryStateEnum::CREATED;
        let ours = container(&format!("/imgbudget-{token}"), token, created);
        assert_eq!(token_of(&ours), Some(token));
        for other in [
            container("/database", token, created),
            container(&format!("/imgbudget-{token}"), "1", created),
            container("/imgbudget-", "", created),
            container(&format!("/imgbudget-{token}"), token, ContainerSummaryStateEnum::EXITED),
            container(&format!("/imgbudget-{token}"), token, ContainerSummaryStateEnum::RUNNING),
        ] {
            assert_eq!(token_of(&other), None, "{other:?}");
        }
    }
}
