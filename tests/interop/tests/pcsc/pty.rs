//! `madoguchi` as a person has it: a process on a terminal of its own, with keys and a screen.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::{fs, thread};

use interop::eventually;

pub(crate) const ENTER: &str = "\r";
pub(crate) const ESCAPE: &str = "\u{1b}";
/// Ctrl-C.
pub(crate) const INTERRUPT: &str = "\u{3}";
/// Ctrl-D.
pub(crate) const LEAVE: &str = "\u{4}";
/// As xterm sends it.
pub(crate) const F3: &str = "\u{1b}OR";

/// What a terminal is told at the beginning and at the end of a program that leaves nothing on the screen.
const ALTERNATE_SCREEN: [&str; 2] = ["\u{1b}[?1049h", "\u{1b}[?1049l"];

/// A program of this workspace, which cargo builds beside the tests.
///
/// # Panics
///
/// If it has not been built.
pub(crate) fn built(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a test is a program");
    let folder = here.parent().and_then(Path::parent).expect("target/…/deps/…");
    let program = folder.join(name);
    assert!(
        program.exists(),
        "{} is not there: cargo build -p madoguchi-desktop -p madoguchi-sandbox-service",
        program.display()
    );
    program
}

/// A process on a pseudo terminal. `script` of util-linux makes the terminal; its size is not known to it, so that
/// the program draws for 80×24.
pub(crate) struct Pty {
    script: Child,
    keys: ChildStdin,
    output: Arc<Mutex<Vec<u8>>>,
    /// Where [`Pty::sees`] goes on looking.
    seen: usize,
    process: String,
}

impl Pty {
    /// Runs a shell command whose last part is `exec madoguchi …`.
    pub(crate) fn run(folder: &Path, home: &Path, command: &str) -> Self {
        let pid = folder.join("pid");
        let _ = fs::remove_file(&pid);
        let mut script = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command"])
            .arg(format!("echo $$ > {}; {command}", pid.display()))
            .arg("/dev/null")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("LANG", "C.UTF-8")
            .env("SHELL", "/bin/sh")
            .env("HOME", home)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("script is installed (apt-get install bsdutils)");
        let keys = script.stdin.take().expect("piped");
        let mut stdout = script.stdout.take().expect("piped");
        let output = Arc::<Mutex<Vec<u8>>>::default();
        let screen = Arc::clone(&output);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = stdout.read(&mut bytes) {
                screen.lock().expect("no panic").extend_from_slice(&bytes[..length]);
            }
        });
        let mut process = String::new();
        eventually("the program starts", || {
            process = fs::read_to_string(&pid).unwrap_or_default();
            process.ends_with('\n')
        });
        let process = process.trim().to_owned();
        Self { script, keys, output, seen: 0, process }
    }

    /// Waits until this text is on the screen, after everything that was waited for before.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        let mut at = None;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while at.is_none() {
            let output = self.output();
            let from = output.ceil_char_boundary(self.seen);
            at = output[from..].find(text).map(|found| from + found + text.len());
            assert!(
                at.is_some() || std::time::Instant::now() < deadline,
                "“{text}” was not shown, but:\n{}",
                output[from..].replace('\u{1b}', "␛")
            );
            thread::sleep(std::time::Duration::from_millis(10));
        }
        self.seen = at.expect("found");
        self
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("script reads keys");
        self
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn ends(mut self) -> Ended {
        let mut status = None;
        eventually("the program ends", || {
            status = self.script.try_wait().expect("a child of ours");
            status.is_some()
        });
        // Its thread has read everything when the pipe is closed, which is then.
        eventually("the screen is read to its end", || Arc::strong_count(&self.output) == 1);
        Ended { status: status.expect("it ended"), output: self.output() }
    }

    /// The process id of the program itself.
    pub(crate) fn process(&self) -> &str {
        &self.process
    }

    /// Ends the program with this signal.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.process]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill {signal}");
    }

    /// Stops the program, lets something else have the terminal meanwhile, as a command line does, and goes on.
    pub(crate) fn stopped_while(&self, other: impl FnOnce(&Path)) {
        let terminal =
            fs::read_link(Path::new("/proc").join(&self.process).join("fd/0")).expect("a terminal");
        self.signal("-STOP");
        // `script` stops with it.
        let script = self.script.id().to_string();
        for process in [self.process.as_str(), &script] {
            eventually("it stops", || {
                let stat = fs::read_to_string(Path::new("/proc").join(process).join("stat"));
                stat.is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T')))
            });
        }
        other(&terminal);
        for process in [script.as_str(), &self.process] {
            let status = Command::new("kill").args(["-CONT", process]).status();
            assert!(status.is_ok_and(|status| status.success()), "kill -CONT");
        }
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        let terminal =
            fs::read_link(Path::new("/proc").join(&self.process).join("fd/0")).expect("a terminal");
        let told =
            Command::new("stty").arg("-F").arg(terminal).arg("-a").output().expect("stty of coreutils");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8_lossy(&told.stdout).split([' ', ';', '\n']).any(|word| word == "echo")
    }

    /// Ends the program without asking, and waits until it is gone: only then does the system let go of its locks.
    #[track_caller]
    pub(crate) fn kill(self) {
        self.signal("-KILL");
        let _ = self.ends();
    }

    fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().expect("no panic")).into_owned()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// A program that has ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Everything that went to its terminal.
    pub(crate) output: String,
}

impl Ended {
    /// What stands on the terminal afterwards: what was said before and after the alternate screen.
    #[track_caller]
    pub(crate) fn left(&self) -> String {
        let Some((before, rest)) = self.output.split_once(ALTERNATE_SCREEN[0]) else {
            return self.output.clone();
        };
        let (_, after) = rest.split_once(ALTERNATE_SCREEN[1]).expect("the screen is given back");
        format!("{before}{after}")
    }

    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "{}", self.output.replace('\u{1b}', "␛"));
        self
    }
}
