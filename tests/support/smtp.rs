//! A mail server of somebody else's making (aiosmtpd), for letters that are really sent.

use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A letter as the server got it.
#[derive(Debug, Deserialize)]
pub struct Received {
    pub to: Vec<String>,
    pub sender: String,
    pub subject: String,
    pub id: String,
    pub text: String,
}

/// The running server; ends when it is dropped.
pub struct Sink {
    child: Child,
    lines: Receiver<String>,
}

/// A port that was free just now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whether letters can be tested here; what is missing is said, and CI has no such excuse.
pub fn is_there() -> bool {
    let found = command()
        .args(["-c", "import aiosmtpd"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    assert!(
        found || std::env::var_os("CI").is_none(),
        "CI must send letters: bin/setup installs their server"
    );
    if !found {
        eprintln!("SKIPPED: no mail server to test with; bin/setup installs it");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests may start processes, the server may not"
)]
fn command() -> Command {
    // What bin/setup has installed.
    Command::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/support/python/.venv/bin/python3"
    ))
}

impl Sink {
    /// Listens on this port; `user` and `password` are asked for if they are given.
    pub fn start(port: u16, sign_in: Option<(&str, &str)>) -> Self {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/support/python/smtp_sink.py"
        );
        let mut command = command();
        command.arg(script).arg(port.to_string());
        if let Some((user, password)) = sign_in {
            command.args([user, password]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mail server starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let sink = Self { child, lines };
        assert_eq!(sink.line(), "ready");
        sink
    }

    /// The next letter; waits for it.
    pub fn next(&self) -> Received {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// No letter comes within this time.
    pub fn is_quiet(&self, wait: Duration) -> bool {
        self.lines.recv_timeout(wait).is_err()
    }

    fn line(&self) -> String {
        let line = self.lines.recv_timeout(Duration::from_secs(20));
        line.expect("the mail server says something")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Gone already, if this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
