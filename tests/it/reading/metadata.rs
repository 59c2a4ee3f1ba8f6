//! The engine's own layer metadata beside `save`, on every engine of `IMGBUDGET_TEST_ENGINES`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may fail loudly, and so may what it calls")]

use std::collections::HashMap;
use std::time::Duration;

use bollard::query_parameters::ListImagesOptions;
use imgbudget::domain::DiffId;
use imgbudget::layer::LayerIndex;
use imgbudget::reading::metadata::{self, Handed};
use imgbudget::source::{ImageContent, Limits, Wanted, stream};

use crate::support::daemon::{self, Daemon};

/// Every path with all that an index knows of it.
pub(crate) fn entries(index: &LayerIndex) -> Vec<String> {
    let entry = |position| format!("{} {:?}", String::from_utf8_lossy(&index.path(position)), index.node(position));
    (1..=index.len()).map(entry).collect()
}

/// The image as `save` has it.
async fn saved(daemon: &Daemon, name: &str) -> ImageContent {
    let tar = daemon.engine.save(&[name], None);
    let wanted = Wanted { image: None, platform: Some(daemon.engine.facts().platform.clone()) };
    let read = stream::read_stream(tar, wanted, name.to_owned(), Limits::default(), |_| {}).await;
    read.unwrap_or_else(|error| panic!("{name}: {}", error.chain()))
}

async fn handed(daemon: &Daemon, name: &str) -> Result<Handed, metadata::Fallback> {
    let image = daemon.engine.image(name, None).await.expect(name);
    let begun = std::time::Instant::now();
    let handed = metadata::read(&daemon.engine, &image, &image.diff_ids, true, &Limits::default(), |_| {}).await;
    println!("{name}: {:?} {:?}", begun.elapsed(), handed.as_ref().map(|handed| handed.bytes));
    handed
}

async fn same(daemon: &Daemon, name: &str) {
    let handed = handed(daemon, name).await.unwrap_or_else(|why| panic!("{name} at {}: {why}", daemon.host));
    let saved = saved(daemon, name).await;
    let by_id: HashMap<&DiffId, &LayerIndex> =
        handed.layers.iter().map(|(layer, _)| (layer.diff_id(), layer.as_ref())).collect();
    for layer in &saved.layers {
        let ours = by_id.get(layer.diff_id()).unwrap_or_else(|| panic!("{name}: {} lacks", layer.diff_id()));
        assert_eq!(ours.size(), layer.size(), "{name}: {}", layer.diff_id());
        assert_eq!(entries(ours), entries(layer), "{name}: {}", layer.diff_id());
    }
}

#[tokio::test]
async fn every_image_of_an_engine_is_what_save_says() {
    for daemon in daemon::all("every_image_of_an_engine_is_what_save_says").await {
        let images = daemon.docker.list_images(None::<ListImagesOptions>).await.expect("list");
        for image in images {
            let name = image.repo_tags.first().filter(|name| !name.starts_with('<')).unwrap_or(&image.id);
            same(&daemon, name).await;
        }
        assert_eq!(daemon.engine.settle(Duration::from_secs(30)).await, Vec::<String>::new());
    }
}
