//! Programs from npm, run for a test and gone with it.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::repository::root;

/// Whether live tests are on; says so on stderr when not.
#[expect(clippy::print_stderr, reason = "the script that runs all tests looks for this line")]
pub(crate) fn live(test: &str) -> bool {
    let on = std::env::var("IMGBUDGET_LIVE").is_ok_and(|value| value == "1");
    if !on {
        eprintln!("skipped (IMGBUDGET_LIVE is not set): {test}");
    }
    on
}

/// A program of `scripts/install-test-tools.sh`, which is run when it was not.
pub(crate) fn tool(name: &str) -> Command {
    let mut command = Command::new(modules().join(".bin").join(name));
    command.stdin(Stdio::null());
    command
}

/// Where what that script installs is.
pub(crate) fn modules() -> PathBuf {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| {
        Command::new(root().join("scripts/install-test-tools.sh")).status().is_ok_and(|it| it.success())
    });
    assert!(*INSTALLED, "scripts/install-test-tools.sh: npm, which comes with Node.js, could not install the tools");
    root().join("target/test-tools/node_modules")
}

/// Prism between a client and a server: it answers a request or a reply that breaks the description with an error of its own.
#[derive(Debug)]
pub(crate) struct Prism {
    child: Child,
    port: u16,
}

impl Prism {
    /// Starts it in front of `upstream`, and waits until it listens.
    pub(crate) fn proxy(description: &Path, upstream: &str) -> Self {
        use std::os::unix::process::CommandExt as _;

        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let mut child = tool("prism")
            .args(["proxy", "--errors", "--port", &port.to_string()])
            .arg(description)
            .arg(upstream)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("prism");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(child.try_wait().expect("a child").is_none(), "Prism ended by itself");
            assert!(began.elapsed() < Duration::from_secs(180), "Prism does not listen");
            std::thread::sleep(Duration::from_millis(200));
        }
        Self { child, port }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        // It may have children of its own.
        let _ = Command::new("kill").args(["--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}
