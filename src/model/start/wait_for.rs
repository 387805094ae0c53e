//! What a command waits for: a host and a port, as they are written.

use super::WaitFor;

/// What the program `name` with `words` asks, where `text` is the whole command.
pub(super) fn of(name: &str, words: &[String], text: &str) -> Option<WaitFor> {
    if let Some((_, rest)) = text.split_once("/dev/tcp/") {
        let end = rest.find(|c: char| c.is_whitespace() || "'\")<>;&|".contains(c)).unwrap_or(rest.len());
        let (host, port) = rest[..end].split_once('/')?;
        return target(host, Some(port));
    }
    match name.strip_suffix(".sh").unwrap_or(name) {
        "nc" | "ncat" | "netcat" | "telnet" => {
            let operands = operands(words, &["-w", "-i", "-q", "-G", "-p", "-s"]);
            match operands.as_slice() {
                [.., host, port] => target(host, Some(port)),
                _ => None,
            }
        }
        "ping" | "nslookup" | "dig" | "host" | "getent" => {
            let operands = operands(words, &["-c", "-w", "-W", "-i"]);
            operands.last().and_then(|host| target(host, None))
        }
        "curl" | "wget" | "http" => words.iter().find_map(|w| address(w.split_once("://")?.1)),
        "dockerize" => {
            let at = words.iter().position(|w| w == "-wait")?;
            let value = words.get(at + 1)?;
            address(value.split_once("://").map_or(value, |(_, rest)| rest))
        }
        "pg_isready" | "psql" | "mysqladmin" | "mysql" | "mariadb" | "mariadb-admin" | "redis-cli"
        | "valkey-cli" | "mongo" | "mongosh" => {
            let host = option(words, "-h", "--host")?;
            let port = option(words, "-P", "--port").or_else(|| {
                matches!(name, "pg_isready" | "psql" | "redis-cli" | "valkey-cli")
                    .then(|| option(words, "-p", "--port"))?
            });
            target(&host, port.as_deref())
        }
        _ if super::programs::waits(name, words) => {
            if let Some(host) = option(words, "-h", "--host") {
                return target(&host, option(words, "-p", "--port").as_deref());
            }
            let own: Vec<&str> = words.iter().map(String::as_str).take_while(|w| *w != "--").collect();
            let operands: Vec<&str> = own.iter().copied().filter(|w| !w.starts_with('-')).collect();
            let address_of = |w: &&str| {
                let plain = w.split_once("://").map_or(*w, |(_, rest)| rest);
                plain.contains(':').then(|| address(plain))?
            };
            operands.iter().find_map(address_of).or_else(|| match operands.as_slice() {
                // `wait-for-tcp.sh $HOST $PORT`
                [host, port, ..] if port.starts_with('$') || port.parse::<u16>().is_ok() => {
                    target(host, Some(port))
                }
                _ => None,
            })
        }
        _ => None,
    }
}

/// `host:port/path`, the port perhaps a variable with a default.
fn address(text: &str) -> Option<WaitFor> {
    let end = text.find(['/', '?']).filter(|at| !text[..*at].contains('{')).unwrap_or(text.len());
    let authority = text[..end].rsplit('@').next().unwrap_or_default();
    let mut depth = 0;
    let colon = authority.char_indices().find(|(_, c)| {
        depth += i32::from(*c == '{') - i32::from(*c == '}');
        *c == ':' && depth == 0
    });
    match colon {
        Some((at, _)) => target(&authority[..at], Some(&authority[at + 1..])),
        None => target(authority, None),
    }
}

fn target(host: &str, port: Option<&str>) -> Option<WaitFor> {
    let plain = |text: &str| text.trim_matches(['"', '\'']).to_owned();
    let host = plain(host);
    (!host.is_empty()).then(|| WaitFor { host, port: port.map(plain).filter(|p| !p.is_empty()) })
}

/// The words that are no options; `with_value` lists options whose next word is their value.
fn operands<'w>(words: &'w [String], with_value: &[&str]) -> Vec<&'w str> {
    let (mut found, mut words) = (Vec::new(), words.iter());
    while let Some(word) = words.next() {
        if with_value.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            found.push(word.as_str());
        }
    }
    found
}

/// The value of `-h value`, `-hvalue`, `--host value` or `--host=value`.
fn option(words: &[String], short: &str, long: &str) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == short || word == long {
            return words.next().cloned();
        }
        let value = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
        let value = value.or_else(|| word.strip_prefix(short).filter(|_| !word.starts_with("--")));
        if let Some(value) = value {
            return Some(value.to_owned());
        }
    }
    None
}
