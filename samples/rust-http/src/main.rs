//! Counts what is on the shelf, over HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::{env, fs, thread};

type Shelf = Arc<Mutex<BTreeMap<String, u32>>>;

fn main() {
    let port = env::var("PANTRY_PORT").unwrap_or_else(|_| "8080".to_string());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).expect("the port is free");
    let shelf = Shelf::default();
    for stream in listener.incoming().flatten() {
        let shelf = Arc::clone(&shelf);
        thread::spawn(move || serve(stream, &shelf));
    }
}

fn serve(mut stream: TcpStream, shelf: &Shelf) {
    let mut line = String::new();
    if BufReader::new(&stream).read_line(&mut line).is_err() {
        return;
    }
    let path = line.split_whitespace().nth(1).unwrap_or("/").to_string();
    let (status, body) = answer(&path, shelf);
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
}

fn answer(path: &str, shelf: &Shelf) -> (&'static str, String) {
    if path == "/health" {
        return ("200 OK", "ok\n".to_string());
    }
    if path == "/" {
        return match fs::read_to_string("static/shelf.html") {
            Ok(page) => ("200 OK", page),
            Err(error) => ("500 Internal Server Error", error.to_string()),
        };
    }
    if let Some(item) = path.strip_prefix("/add/") {
        let mut shelf = shelf.lock().expect("no thread panics with it");
        let count = shelf.entry(item.to_string()).or_default();
        *count += 1;
        return ("200 OK", format!("{item}: {count}\n"));
    }
    ("404 Not Found", "no such shelf\n".to_string())
}
