//! What a real engine makes of a case: loaded, made into a container that is never started, exported, and all of it removed.

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{CreateContainerOptions, ImportImageOptions, RemoveContainerOptions};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::tree::Tree;
use super::{Case, tag};
use crate::support::daemon::Daemon;

type Fault = bollard::errors::Error;

/// The file system that the engine shows, or why it refuses; and what it saves of the image that it took.
pub(super) async fn shown(daemon: &Daemon, case: &Case) -> (Result<Tree, String>, Option<Vec<u8>>) {
    let tag = tag(case.name);
    let loaded = load(daemon, case.archive.clone()).await;
    let shown = match loaded {
        Ok(()) => export(daemon, &tag).await,
        Err(fault) => Err(fault),
    };
    // Stores that put a layer together again from its files wait here for somebody to write into the pipe.
    let is_stuck = case.name == "type-pipe-with-size";
    let saved = if shown.is_ok() && !is_stuck { whole(daemon.docker.export_image(&tag)).await.ok() } else { None };
    daemon.remove(&tag).await;
    (shown.map(|tar| Tree::exported(&tar)).map_err(|fault| fault.to_string()), saved)
}

async fn load(daemon: &Daemon, archive: Vec<u8>) -> Result<(), Fault> {
    let options = ImportImageOptions { quiet: true, ..ImportImageOptions::default() };
    let mut answer = std::pin::pin!(daemon.docker.import_image(options, bollard::body_full(archive.into()), None));
    while let Some(line) = answer.next().await {
        line?;
    }
    Ok(())
}

async fn export(daemon: &Daemon, image: &str) -> Result<Vec<u8>, Fault> {
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(vec!["never-started".to_owned()]),
        network_disabled: Some(true),
        ..ContainerCreateBody::default()
    };
    let id = daemon.docker.create_container(None::<CreateContainerOptions>, body).await?.id;
    let tar = whole(daemon.docker.export_container(&id)).await;
    let options = RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
    daemon.docker.remove_container(&id, Some(options)).await?;
    tar
}

async fn whole(stream: impl Stream<Item = Result<Bytes, Fault>>) -> Result<Vec<u8>, Fault> {
    let mut stream = std::pin::pin!(stream);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}
