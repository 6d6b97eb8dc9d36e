//! `madoguchi-sandbox readers`, as a test in another language starts it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi-sandbox"));
    command.args(["readers", "--listen", listen]);
    command
}

fn opened(address: SocketAddr, line: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline for the test");
    stream.write_all(line.as_bytes()).expect("it listens");
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).expect("it answers");
    answer
}

#[test]
fn the_first_line_says_where_the_readers_are() {
    let mut running = Running(command("127.0.0.1:0").stdout(Stdio::piped()).spawn().expect("it starts"));
    let mut line = String::new();
    let output = running.0.stdout.take().expect("it is piped");
    BufReader::new(output).read_line(&mut line).expect("it says where it listens");
    let address: SocketAddr =
        line.trim().rsplit(' ').next().expect("a last word").parse().expect("an address");
    assert_eq!(opened(address, "{\"open\":\"card\",\"card\":\"ume\"}\n"), "{\"card\":\"ume\"}\n");
    let reader = opened(address, "{\"open\":\"reader\",\"model\":\"ACR1255U-J1\"}\n");
    assert!(reader.contains("\"name\":\"ACR1255U-J1-012345\""), "{reader}");

    // Where it listens, nobody else can.
    let second = command(&address.to_string()).output().expect("it starts");
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("is in use"));
}

#[test]
fn an_address_that_others_reach_is_refused() {
    let refused = command("0.0.0.0:0").output().expect("it starts");
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("is not a loopback address") && said.contains("127.0.0.1"), "{said}");
}
