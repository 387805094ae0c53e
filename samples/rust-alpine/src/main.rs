//! Says how long it has been running; `--check` asks it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

const PORT: u16 = 9000;

fn main() {
    if std::env::args().any(|a| a == "--check") {
        let mut answer = String::new();
        let asked = TcpStream::connect(("127.0.0.1", PORT)).and_then(|mut s| s.read_to_string(&mut answer));
        std::process::exit(i32::from(asked.is_err()));
    }
    let start = Instant::now();
    let listener = TcpListener::bind(("0.0.0.0", PORT)).expect("the port is free");
    for mut stream in listener.incoming().flatten() {
        let body = format!("{} s\n", start.elapsed().as_secs());
        let _ = write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    }
}
