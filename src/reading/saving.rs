//! One `save` for all images that lack layers: engines write an image whole before its first byte comes, and images share layers.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;

use super::Watcher;
use crate::domain::Platform;
use crate::engine::{Engine, EngineImage, LacksContent, Store, held_in_part};
use crate::error::{Class, Error};
use crate::progress::Event;
use crate::source::archive::Scan;
use crate::source::{ImageContent, Limits, Missing, Wanted, stream};

/// How long a save waits for images that the engine is still asked about.
const GRACE: Duration = Duration::from_secs(2);

/// Saves images, those together that are asked for together.
#[derive(Debug)]
pub(super) struct Saver {
    waiting: Arc<Mutex<Waiting>>,
    joining: watch::Sender<usize>,
    limits: Limits,
    /// Saves at once.
    slots: Arc<Semaphore>,
    /// What is dropped with the run.
    under_way: Mutex<JoinSet<()>>,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: Vec<Request>,
    is_gathering: bool,
}

/// An image that somebody wants saved.
#[derive(Debug)]
struct Request {
    item: Item,
    answer: oneshot::Sender<Result<Saved, Error>>,
}

/// An image that was saved and read.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) content: ImageContent,
    /// Bytes of the stream; of one with several images at the first of them.
    pub(super) bytes: u64,
}

#[derive(Debug)]
struct Item {
    engine: Engine,
    image: EngineImage,
    platform: Option<Platform>,
    name: String,
    watcher: Watcher,
}

/// An image that may turn out to need a save. While there are such, a save waits for them for a moment.
#[derive(Debug)]
pub struct Joining(watch::Sender<usize>);

impl Drop for Joining {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// An image to save, as the engine describes it.
pub(super) struct Wish<'a> {
    pub(super) engine: &'a Engine,
    pub(super) image: &'a EngineImage,
    /// What was asked for.
    pub(super) platform: Option<&'a Platform>,
    /// What errors call it.
    pub(super) name: &'a str,
    pub(super) watcher: &'a Watcher,
}

impl Saver {
    /// Nothing is saved yet; `at_once` saves may be under way together.
    pub(super) fn new(limits: Limits, at_once: usize) -> Self {
        Self {
            waiting: Arc::default(),
            joining: watch::Sender::new(0),
            limits,
            slots: Arc::new(Semaphore::new(at_once.max(1))),
            under_way: Mutex::default(),
        }
    }

    /// Announces an image that may need a save.
    pub(super) fn join(&self) -> Joining {
        self.joining.send_modify(|count| *count = count.saturating_add(1));
        Joining(self.joining.clone())
    }

    /// Saves the image and reads it whole.
    ///
    /// # Errors
    /// As [`source::stream`](crate::source::stream), and what the engine says.
    pub(super) async fn save(&self, wish: &Wish<'_>) -> Result<Saved, Error> {
        let (answer, answered) = oneshot::channel();
        let item = Item {
            engine: wish.engine.clone(),
            image: wish.image.clone(),
            platform: wish.platform.cloned(),
            name: wish.name.to_owned(),
            watcher: wish.watcher.clone(),
        };
        let is_first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.requests.push(Request { item, answer });
            !mem::replace(&mut waiting.is_gathering, true)
        };
        if is_first {
            let gathered = gather(
                Arc::clone(&self.waiting),
                self.joining.subscribe(),
                self.limits.clone(),
                Arc::clone(&self.slots),
            );
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            while under_way.try_join_next().is_some() {}
            under_way.spawn(gathered);
        }
        answered.await.unwrap_or_else(|error| {
            Err(Error::new(Class::Image, "the save of the image ended unexpectedly").caused_by(error))
        })
    }
}

/// Waits for whoever may join, and saves what is wanted by then: those together whose platform is asked for in one request.
async fn gather(
    waiting: Arc<Mutex<Waiting>>,
    mut joining: watch::Receiver<usize>,
    limits: Limits,
    slots: Arc<Semaphore>,
) {
    let _ = tokio::time::timeout(GRACE, joining.wait_for(|count| *count == 0)).await;
    // Nobody closes the semaphore. While others save, more may join.
    let _slot = slots.acquire_owned().await.ok();
    let requests = {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_gathering = false;
        mem::take(&mut waiting.requests)
    };
    let mut groups: BTreeMap<Option<Platform>, Vec<Request>> = BTreeMap::new();
    for request in requests {
        groups.entry(request.item.platform.clone()).or_default().push(request);
    }
    for (platform, group) in groups {
        let (items, mut answers): (Vec<_>, Vec<_>) = group.into_iter().map(|it| (it.item, it.answer)).unzip();
        // Whoever gave up no longer listens, and a save that nobody listens to ends.
        let results = tokio::select! {
            results = serve(platform.as_ref(), &items, &limits) => results,
            _ = join_all(answers.iter_mut().map(oneshot::Sender::closed)) => continue,
        };
        for (answer, result) in answers.into_iter().zip(results) {
            let _ = answer.send(result);
        }
    }
}

/// Saves these images: together, and each alone that did not come out of it. One that is gone fails the request for all.
async fn serve(platform: Option<&Platform>, items: &[Item], limits: &Limits) -> Vec<Result<Saved, Error>> {
    let mut together = match items {
        [] | [_] => None,
        several => stream_of(platform, several, limits).await.ok(),
    };
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        let common = together.as_mut().and_then(|(scan, bytes)| {
            let content = scan.image_of(&wanted(item), &called(item)).ok()?;
            Some(Saved { content, bytes: mem::take(bytes) })
        });
        let result = match common {
            Some(saved) => Ok(saved),
            None => alone(platform, item, limits).await.map_err(|error| explained(item, error)),
        };
        results.push(result);
    }
    results
}

async fn alone(platform: Option<&Platform>, item: &Item, limits: &Limits) -> Result<Saved, Error> {
    let (scan, bytes) = stream_of(platform, std::slice::from_ref(item), limits).await?;
    let content = scan.image(&Wanted { image: None, ..wanted(item) })?;
    Ok(Saved { content, bytes })
}

fn wanted(item: &Item) -> Wanted {
    Wanted { image: item.image.handle.parse().ok(), platform: Some(item.image.platform.clone()) }
}

fn called(item: &Item) -> String {
    format!("image {}", item.name)
}

/// What the engine saves of these images, read to its end, and how many bytes that was.
async fn stream_of(platform: Option<&Platform>, items: &[Item], limits: &Limits) -> Result<(Scan, u64), Error> {
    let [first, ..] = items else { return Err(Error::new(Class::Image, "nothing to save")) };
    let handles: Vec<&str> = items.iter().map(|item| item.image.handle.as_str()).collect();
    let name = match items {
        [one] => called(one),
        several => format!("{} images", several.len()),
    };
    let watchers: Vec<Watcher> = items.iter().map(|item| item.watcher.clone()).collect();
    for watcher in &watchers {
        watcher.event(Event::Saving { images: items.len() });
    }
    let read = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&read);
    let progress = move |bytes| {
        counted.store(bytes, Ordering::Relaxed);
        for watcher in &watchers {
            watcher.event(Event::Reading { bytes });
        }
    };
    let scan = stream::scan_stream(first.engine.save(&handles, platform), name, limits.clone(), progress).await?;
    Ok((scan, read.load(Ordering::Relaxed)))
}

/// Says of an error that a part is missing what it means on containerd's store.
fn explained(item: &Item, error: Error) -> Error {
    let is_about_a_part = error.source().is_some_and(|cause| cause.is::<Missing>() || cause.is::<LacksContent>());
    let is_containerd = item.engine.facts().store == Store::Containerd;
    if is_containerd && is_about_a_part {
        held_in_part(&item.name, &error.to_string()).caused_by(LacksContent)
    } else {
        error
    }
}
