//! The sandbox's virtual card and virtual readers on loopback: the first line, then frames.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::OnceLock;
use std::time::Duration;

use sandbox_card::Person;
use sandbox_reader::ble::Model;
use sandbox_reader::loopback::Loopback;
use time::macros::date;

use crate::Example;

/// An answer that has not come by then never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says it all at once, hears what comes back, and asks whether the next one is served.
pub(crate) fn run(bytes: &[u8]) {
    let heard = converse(bytes);
    if let Some(line) = heard.split(|byte| *byte == b'\n').next().filter(|line| !line.is_empty()) {
        assert!(serde_json::from_slice::<serde_json::Value>(line).is_ok(), "the first line is JSON");
    }
    let next = converse(b"{\"open\":\"card\",\"card\":\"hanako\"}\n\x00\x01\x04");
    assert_eq!(next, b"{\"card\":\"hanako\"}\n\x00\x0D\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x7F");
}

/// One connection.
fn converse(bytes: &[u8]) -> Vec<u8> {
    static LOOPBACK: OnceLock<Loopback> = OnceLock::new();
    let loopback = LOOPBACK.get_or_init(|| {
        let persons = Person::all().into_iter().filter(|person| person.slug() == "hanako").collect();
        Loopback::start((Ipv4Addr::LOCALHOST, 0).into(), persons, date!(2026 - 11 - 23)).expect("a free port")
    });
    let mut stream = TcpStream::connect(loopback.address()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
    let mut writer = stream.try_clone().expect("a handle");
    let mut heard = Vec::new();
    std::thread::scope(|scope| {
        // It may hang up in the middle.
        scope.spawn(move || {
            let _ = writer.write_all(bytes);
            let _ = writer.shutdown(Shutdown::Write);
        });
        if let Err(error) = stream.read_to_end(&mut heard) {
            let late = matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
            assert!(!late, "it does not end");
        }
    });
    heard
}

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(1 + body.len()).expect("short").to_be_bytes();
    [&length, &[kind][..], body].concat()
}

pub(crate) fn examples() -> Vec<Example> {
    let card = [
        &b"{\"open\":\"card\",\"card\":\"hanako\",\"interface\":\"contact\"}\n"[..],
        b"\x00\x01\x01\x00\x01\x04",
        b"\x00\x0F\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01",
        b"\x00\x04\x00\x20\x00\x98\x00\x01\x02\x00\x01\x00",
    ]
    .concat();
    let reader = |model: Model, command: &[u8]| {
        let name = serde_json::to_string(&model).expect("a name");
        let (answers, commands) = (model.answers().to_bytes(), model.commands().to_bytes());
        [
            format!(
                "{{\"open\":\"reader\",\"model\":{name},\"clock\":\"manual\",\"options\":{{\"seed\":7,\
                 \"cuts\":\"random\",\"delay_ms\":3,\"faults\":[{{\"at\":{{\"answer\":5}},\"mishap\":{{\"drop\":\
                 {{\"after\":3}}}}}}]}}}}\n"
            )
            .into_bytes(),
            frame(0x01, &[]),
            frame(0x03, &[&answers[..], &[0x01]].concat()),
            frame(0x00, b"{\"do\":\"insert\",\"card\":\"hanako\"}"),
            frame(0x04, &[&commands[..], command].concat()),
            frame(0x05, &Model::BATTERY_LEVEL.to_bytes()),
            frame(0x00, b"{\"do\":\"advance\",\"ms\":200000}"),
            frame(0x00, b"{\"do\":\"wake\"}"),
            frame(0x02, &[]),
        ]
        .concat()
    };
    vec![
        Example::new("card", card),
        Example::new(
            "acs",
            reader(
                Model::Acr1255uJ1,
                b"\x05\x00\x0C\x6B\x00\x05\x00\x00\x00\xCB\xE0\x00\x00\x45\x00\x0C\x0A",
            ),
        ),
        Example::new("ccid", reader(Model::Br500C4, b"\x62\x00\x00\x00\x00\x00\x01\x00\x00\x00")),
        Example::new("refused", b"{\"open\":\"card\",\"card\":\"nobody\"}\n".to_vec()),
    ]
}
