//! What `docker buildx bake --print` says: the one reader of bake files that knows all of them.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::credentials::is_our_secret;
use crate::error::Error;
use crate::session::interruptible;
use crate::text;

/// The most that is read of it.
const LARGEST: u64 = 4 << 20;
/// The most that is read of what it complains about.
const LARGEST_COMPLAINT: u64 = 64 << 10;

/// The targets of the bake file in `folder` as JSON, or why there are none. Nothing is built.
///
/// # Errors
/// Interrupted.
pub(crate) fn bake_print(folder: &Path) -> Result<Result<Vec<u8>, String>, Error> {
    let folder = folder.to_owned();
    interruptible(move || printed(&folder))
}

fn printed(folder: &Path) -> Result<Vec<u8>, String> {
    let mut command = Command::new("docker");
    command.args(["buildx", "bake", "--print"]).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_our_secret)) {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|_| "`docker buildx` is not installed".to_owned())?;
    // Both pipes at once: who fills one while the other is waited for would wait for ever.
    let complaint = child.stderr.take().map(|stderr| {
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.take(LARGEST_COMPLAINT).read_to_end(&mut said);
            said
        })
    });
    let mut bytes = Vec::new();
    let read = child.stdout.take().map(|stdout| stdout.take(LARGEST).read_to_end(&mut bytes));
    let ended = child.wait().map_err(|error| error.to_string())?;
    let complaint = complaint.and_then(|thread| thread.join().ok()).unwrap_or_default();
    if ended.success() && matches!(read, Some(Ok(_))) {
        return Ok(bytes);
    }
    let complaint = String::from_utf8_lossy(&complaint);
    let said = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    Err(format!("`docker buildx bake --print`: {}", text::line_within(said.trim(), 200)))
}
