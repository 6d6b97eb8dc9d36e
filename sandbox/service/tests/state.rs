//! What goes wrong before a service is up, and the program on the command line.

mod support;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
};

use sandbox_service::{Config, Error, Service};
use support::{CLINIC, Sandbox};

const PROGRAM: &str = env!("CARGO_BIN_EXE_madoguchi-sandbox");

#[tokio::test]
async fn a_second_service_on_the_same_port_is_told_so() {
    let sandbox = Sandbox::start().await;
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let mut config = Config::new(elsewhere.path());
    config.listen = sandbox.running.address();
    let error = Service::start(config).await.expect_err("taken");
    assert!(matches!(error, Error::AddressInUse(_)));
    assert!(error.remedy().contains("--listen"));
}

#[tokio::test]
async fn a_second_service_on_the_same_folder_is_told_so() {
    let sandbox = Sandbox::start().await;
    let error = Service::start(Config::new(sandbox.state.path())).await.expect_err("taken");
    assert!(matches!(error, Error::StateInUse { .. }));
    let state = sandbox.state;
    sandbox.running.shutdown().await;
    Service::start(Config::new(state.path())).await.expect("free again").shutdown().await;
}

#[tokio::test]
async fn a_dropped_service_leaves_port_and_folder_free() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    device.client.device().await.expect("connected");
    let (address, state) = (sandbox.running.address(), sandbox.state);
    drop(sandbox.running);
    assert!(device.client.device().await.is_err(), "the connection broke");
    let mut config = Config::new(state.path());
    config.listen = address;
    let again = Service::start(config).await.expect("both are free");
    device.client.device().await.expect("the same device, the same service");
    again.shutdown().await;
}

#[tokio::test]
async fn a_clock_that_went_back_stops_the_start() {
    let sandbox = Sandbox::start().await;
    let state = sandbox.state;
    sandbox.clock.advance(core::time::Duration::from_hours(2));
    sandbox.running.admin().add_institution("9969900019", "試験訪問看護", false).await.expect("added");
    sandbox.running.shutdown().await;
    // The machine's own clock is two hours behind now.
    let error = Service::start(Config::new(state.path())).await.expect_err("wrong clock");
    assert!(matches!(error, Error::ClockBehind { .. }));
    assert!(error.remedy().contains("clock"));
}

#[tokio::test]
async fn a_public_url_is_an_https_origin() {
    for url in ["http://localhost", "https://localhost/path", "https://user@localhost", "localhost:8443", ""]
    {
        let state = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::new(state.path());
        config.public_url = Some(url.to_owned());
        assert!(matches!(Service::start(config).await, Err(Error::PublicUrlInvalid)), "{url}");
    }
    let state = tempfile::tempdir().expect("a temporary folder");
    let mut config = Config::new(state.path());
    config.public_url = Some("https://madoguchi.invalid:443/".to_owned());
    let running = Service::start(config).await.expect("an origin");
    assert_eq!(running.url(), "https://madoguchi.invalid");
    running.shutdown().await;
}

#[tokio::test]
async fn a_folder_that_takes_no_writing_is_told_so() {
    // Not even root writes into sysfs, and where the test runs as root permissions say nothing.
    let untouchable = Path::new("/sys/kernel");
    if !untouchable.exists() {
        return;
    }
    let error = Service::start(Config::new(untouchable)).await.expect_err("read-only");
    assert!(matches!(error, Error::StateFolder { .. } | Error::ReadOnly), "{error}");
    assert!(error.remedy().contains("--state"));
}

#[tokio::test]
async fn a_file_where_the_folder_should_be_is_told_so() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let error = Service::start(Config::new(file.path())).await.expect_err("a file");
    assert!(matches!(error, Error::StateFolder { .. }));
}

#[tokio::test]
async fn a_damaged_database_is_told_so_and_left_alone() {
    let state = tempfile::tempdir().expect("a temporary folder");
    Service::start(Config::new(state.path())).await.expect("started").shutdown().await;
    let file = state.path().join("service.db");
    std::fs::write(&file, b"this is no database, whatever its name says").expect("written");
    let error = Service::start(Config::new(state.path())).await.expect_err("damaged");
    assert!(matches!(error, Error::DatabaseDamaged), "{error}");
    assert!(std::fs::read(&file).expect("there").starts_with(b"this is no database"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::start().await;
    for entry in std::fs::read_dir(sandbox.state.path()).expect("a folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", entry.file_name().display());
    }
}

#[test]
fn the_program_serves_while_the_administrator_works_beside_it() {
    let state = tempfile::tempdir().expect("a temporary folder");
    let mut up = Up::start(state.path());
    assert!(
        ok(state.path(), &["institution", "add", "--code", CLINIC, "--name", "試験医院"])
            .contains("試験医院")
    );
    let device = ok(state.path(), &["device", "add", "--institution", CLINIC, "--platform", "tablet"]);
    let link = device.split_whitespace().find(|word| word.starts_with("madoguchi://")).expect("a link");
    let link = service::EnrolmentLink::parse(link).expect("of its form");
    assert!(device.contains(&link.account));
    assert_eq!(link.endpoint().audience(), up.url);

    // A device that has nothing but the printed link, against the program itself.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let status = runtime.block_on(async {
        let key = Arc::new(support::SoftKey::default());
        let client = service::Client::new(link.endpoint(), Arc::clone(&key) as _).expect("a good endpoint");
        let enrolled = client.enroll(&link.account, &link.secret).await.expect("enrolled");
        let client = service::Client::enrolled(link.endpoint(), key, &enrolled).expect("enrolled");
        assert!(ok(state.path(), &["device", "list"]).contains("active"));
        ok(state.path(), &["notice", "set", "--ja", "お知らせ", "--en", "Notice"]);
        let status = client.device().await.expect("known");
        ok(state.path(), &["device", "suspend", &link.account]);
        assert!(client.device().await.is_err());
        status
    });
    assert_eq!(status.notices[0].ja, "お知らせ");

    let second = run(state.path(), &["up", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && told.contains("error:") && told.contains("remedy:"), "{told}");

    // kill -9, and all is there again.
    up.child.kill().expect("killed");
    up.child.wait().expect("gone");
    drop(up);
    let _again = Up::start(state.path());
    assert!(ok(state.path(), &["device", "list"]).contains("suspended"));
}

#[test]
fn only_a_start_and_the_first_institution_make_a_folder() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let state = root.path().join("misspelt");
    let rows: [&[&str]; 5] = [
        &["institution", "list"],
        &["device", "list"],
        &["device", "add", "--institution", CLINIC],
        &["device", "revoke", "S0"],
        &["notice", "clear"],
    ];
    // Neither where nothing is, nor where something else is.
    for _ in 0..2 {
        for arguments in rows {
            let output = run(&state, arguments);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{arguments:?}");
            assert!(told.contains("misspelt") && told.contains("madoguchi-sandbox up"), "{told}");
        }
        assert!(!state.join("root.key").exists());
        std::fs::create_dir_all(&state).expect("made");
    }
    ok(&state, &["institution", "add", "--code", CLINIC, "--name", "試験医院"]);
    assert!(ok(&state, &["institution", "list"]).contains(CLINIC));
}

#[test]
fn a_check_digit_that_does_not_hold_is_a_warning_and_no_refusal() {
    let state = tempfile::tempdir().expect("a temporary folder");
    let add = |code| run(state.path(), &["institution", "add", "--code", code, "--name", "試験医院"]);
    for (code, warned) in [(CLINIC, false), ("9919900011", true), ("K123456", false)] {
        let output = add(code);
        assert!(output.status.success(), "{code}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).contains("warning"), warned, "{code}");
        assert!(ok(state.path(), &["institution", "list"]).contains(code));
    }
}

#[test]
fn a_wrong_command_ends_with_words_and_a_remedy() {
    let state = tempfile::tempdir().expect("a temporary folder");
    ok(state.path(), &["institution", "add", "--code", CLINIC, "--name", "試験医院"]);
    let rows: [&[&str]; 6] = [
        &["device", "add", "--institution", "0000000000"],
        &["device", "add", "--institution", CLINIC, "--platform", "phone\u{1b}[2J"],
        &["institution", "add", "--code", "no code!", "--name", "x"],
        &["institution", "add", "--code", "9939900016", "--name", " "],
        &["device", "revoke", "S0"],
        &["up", "--listen", "127.0.0.1:0", "--public-url", "http://localhost"],
    ];
    for arguments in rows {
        let output = run(state.path(), arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(told.contains("error:") && told.contains("remedy:"), "{arguments:?}: {told}");
    }
    let output = run(state.path(), &["up", "--listen", "127.0.0.1:0", "--person", "/nowhere/nobody.toml"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("nobody.toml"));
}

#[test]
fn the_program_lists_its_persons() {
    let state = tempfile::tempdir().expect("a temporary folder");
    let listed = ok(state.path(), &["persons"]);
    assert_eq!(listed.lines().count(), sandbox_card::Person::all().len());
    assert!(listed.contains("hanako"));
}

/// `madoguchi-sandbox up` on a free port.
struct Up {
    child: Child,
    url: String,
}

impl Up {
    fn start(state: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["--state".as_ref(), state.as_os_str()])
            .args(["up", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let url = line.split_whitespace().last().expect("the origin").to_owned();
        Self { child, url }
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(state: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).arg("--state").arg(state).args(arguments).output().expect("the program runs")
}

fn ok(state: &Path, arguments: &[&str]) -> String {
    let output = run(state, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}
