//! Programs that others wrote.

use core::fmt;
use std::fs;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use tempfile::TempDir;

use crate::eventually;

/// OpenSC keeps nothing: by default it may store certificates that it read in the user's folder.
const OPENSC_CONF: &str = "app default {\n\tframework pkcs15 {\n\t\tuse_file_caching = no;\n\t}\n}\n";

/// What a program said until it ended.
pub struct Ran {
    /// The program and its arguments.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it gave.
    pub stdout: Vec<u8>,
    /// What it said besides.
    pub stderr: String,
}

impl Ran {
    /// Panics with all that was said unless the program says that all went well.
    ///
    /// # Panics
    ///
    /// See above.
    #[must_use = "or say that it does not matter what came out"]
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert!(self.status.success(), "should have worked: {self:?}");
        self
    }

    /// Panics with all that was said if the program says that all went well.
    ///
    /// # Panics
    ///
    /// See above.
    #[must_use = "or say that it does not matter what it said"]
    #[track_caller]
    pub fn failed(self) -> Self {
        assert!(!self.status.success(), "should not have worked: {self:?}");
        self
    }

    /// What it gave, as text.
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// As a person at a terminal would have seen it.
impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, status, stderr, .. } = self;
        write!(f, "{command}: {status}\n{}{stderr}", self.stdout_text())
    }
}

#[track_caller]
pub(crate) fn run(program: &str, arguments: &[&str]) -> Ran {
    let home = TempDir::with_prefix("madoguchi-home-").expect("a folder for temporary files");
    let opensc = home.path().join("opensc.conf");
    fs::write(&opensc, OPENSC_CONF).expect("the folder is writable");
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LANG", "C.UTF-8")
        .env("HOME", home.path())
        .env("OPENSC_CONF", &opensc)
        .current_dir(home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
    let mut child = Ended(child);
    // Read as it comes: a program that fills a pipe never ends.
    let stdout = collect(child.0.stdout.take());
    let stderr = collect(child.0.stderr.take());
    let mut status = None;
    eventually(&format!("{program} ends"), || {
        status = child.0.try_wait().expect("the program is a child of ours");
        status.is_some()
    });
    Ran {
        command: format!("{program} {}", arguments.join(" ")),
        status: status.expect("it ended"),
        stdout: stdout.join().expect("reading does not panic"),
        stderr: String::from_utf8_lossy(&stderr.join().expect("reading does not panic")).into_owned(),
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// A program that does not outlive its test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
