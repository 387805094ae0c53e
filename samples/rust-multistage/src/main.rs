//! A ledger in memory: sums entries with SQLite, over HTTP.

mod database;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use database::Database;

fn main() {
    let words: Vec<String> = env::args().collect();
    let at = words.iter().position(|w| w == "--listen").map(|at| at + 1);
    let address = at.and_then(|at| words.get(at)).map_or("127.0.0.1:7070", String::as_str);
    let database = Database::open(":memory:").expect("memory is there");
    database.run("CREATE TABLE entry (cents INTEGER NOT NULL)");
    let listener = TcpListener::bind(address).expect("the port is free");
    for mut stream in listener.incoming().flatten() {
        let mut line = String::new();
        if BufReader::new(&stream).read_line(&mut line).is_err() {
            continue;
        }
        let path = line.split_whitespace().nth(1).unwrap_or("/");
        let body = match path.strip_prefix("/book/").and_then(|cents| cents.parse::<i64>().ok()) {
            Some(cents) => {
                database.run(&format!("INSERT INTO entry VALUES ({cents})"));
                format!("sum: {}\n", database.number("SELECT coalesce(sum(cents), 0) FROM entry"))
            }
            None => format!("SQLite {}\n", database::version()),
        };
        let length = body.len();
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    }
}
