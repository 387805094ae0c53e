//! Services that a sample's start waits for or loads from: stand-ins for databases and file servers, each in the
//! network of what is started, under a host name and an address of its own, some of them late.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// The word of the command line that makes this program a service.
pub const WORD: &str = "e2e-service";

/// A service.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its host name.
    pub host: String,
    /// Whether it accepts connections and says nothing.
    tcp: Option<Tcp>,
    /// Whether it hands out files.
    http: Option<FileServer>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Tcp {
    port: u16,
    /// Seconds until it listens.
    #[serde(default)]
    after: u64,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FileServer {
    port: u16,
    #[serde(default)]
    after: u64,
    /// Texts by path.
    files: BTreeMap<String, String>,
}

/// The address of the service at this place of the list: on the loopback device, but not that of `localhost`.
pub fn address(at: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(at + 1).unwrap_or(u8::MAX))
}

/// A started service; ended with this value.
#[derive(Debug)]
pub struct Started(Child);

impl Service {
    /// Starts it as a process of its own, by a command that enters the network.
    pub fn start(&self, at: usize, mut enter: Command) -> Result<Started> {
        ensure!(self.tcp.is_some() != self.http.is_some(), "the service {} is either tcp or http", self.host);
        let words = [WORD.to_owned(), address(at).to_string(), serde_json::to_string(self)?];
        enter.arg(std::env::current_exe()?).args(words).stdin(Stdio::null());
        Ok(Started(enter.spawn().with_context(|| format!("the service {}", self.host))?))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the process does: `args` are the address and the service.
pub fn serve(args: &[&str]) -> Result<()> {
    let [address, service] = args else { anyhow::bail!("{WORD} ADDRESS SERVICE") };
    let service: Service = serde_json::from_str(service)?;
    let (port, after, files) = match (service.tcp, service.http) {
        (Some(tcp), _) => (tcp.port, tcp.after, None),
        (None, Some(http)) => (http.port, http.after, Some(http.files)),
        (None, None) => anyhow::bail!("{}: neither tcp nor http", service.host),
    };
    thread::sleep(Duration::from_secs(after));
    let listener = TcpListener::bind((*address, port)).with_context(|| format!("{address}:{port}"))?;
    for stream in listener.incoming() {
        let (stream, files) = (stream?, files.clone());
        thread::spawn(move || match files {
            // A client that goes away early is no failure of the service.
            Some(files) => drop(answer(stream, &files)),
            None => drop(swallow(stream)),
        });
    }
    Ok(())
}

/// Reads until the client ends.
fn swallow(mut stream: TcpStream) -> std::io::Result<u64> {
    std::io::copy(&mut stream, &mut std::io::sink())
}

/// Answers one request.
fn answer(mut stream: TcpStream, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?.take(64 << 10));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let (status, body) = match files.get(path) {
        Some(text) => ("200 OK", text.as_str()),
        None => ("404 Not Found", "not found\n"),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let body = if method == "HEAD" { "" } else { body };
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(request: &str) -> String {
        let files = BTreeMap::from([("/a.txt".to_owned(), "text".to_owned())]);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut client = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let server = listener.accept().expect("the client").0;
        client.write_all(request.as_bytes()).expect("written");
        answer(server, &files).expect("answered");
        let mut text = String::new();
        client.read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn files_by_their_path() {
        assert!(ask("GET /a.txt?x=1 HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\ntext"));
        let head = ask("HEAD /a.txt HTTP/1.0\r\n\r\n");
        assert!(head.contains("Content-Length: 4") && head.ends_with("\r\n\r\n"), "{head}");
        assert!(ask("GET /b HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    }

    #[test]
    fn each_has_an_address_of_its_own() {
        assert_eq!(address(0), Ipv4Addr::new(127, 0, 1, 1));
        assert_ne!(address(0), address(1));
    }
}
