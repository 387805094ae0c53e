//! `invalid-dockerfile`: what BuildKit refuses.

use barehull_syntax::dockerfile::{Arguments, Keyword};

use super::FileCx;
use crate::finding::{Finding, Place};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    let dockerfile = &model.dockerfile;
    let mut findings: Vec<Finding> = dockerfile
        .problems()
        .iter()
        .map(|problem| {
            let help = problem.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
            let message = format!("{}{help}", problem.message);
            Finding::new(super::INVALID_DOCKERFILE, Place::Source(model.at(problem.span)), message)
                .subject(problem.message.clone())
        })
        .collect();
    findings.extend(model.bad_indices.iter().map(|(at, index)| {
        let message = format!(
            "invalid stage index {index}: no stage has it; name the stage that is meant (`FROM ... AS name`)"
        );
        Finding::new(super::INVALID_DOCKERFILE, Place::Source(*at), message).subject(format!("index {index}"))
    }));
    findings.extend(model.circles.iter().map(|circle| {
        let names: Vec<String> = circle.stages.iter().map(|id| model.stage(*id).label()).collect();
        let first = &names[0];
        let message = match names.as_slice() {
            [alone] => format!("circular dependency detected on stage: {alone}; it copies from itself"),
            _ => format!(
                "circular dependency detected on stage: {first}; {} -> {first}, so none can be built first",
                names.join(" -> ")
            ),
        };
        Finding::new(super::INVALID_DOCKERFILE, Place::Source(circle.at), message)
            .subject(format!("circle {first}"))
    }));
    findings.extend(bad_ports(cx));
    if dockerfile.text().is_none() {
        let bytes = dockerfile.source();
        let valid = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len()) as u32;
        let at = model.at(barehull_syntax::Span::new(valid, (valid + 1).min(bytes.len() as u32)));
        let message = "this byte is not UTF-8: the file is analysed, but no fix is offered; save it as UTF-8";
        findings.push(Finding::new(super::INVALID_DOCKERFILE, Place::Source(at), message).subject("utf-8"));
    }
    findings
}

/// Ports of EXPOSE that are no numbers up to 65535; what holds a variable or a quote is left alone.
fn bad_ports(cx: &FileCx<'_>) -> Vec<Finding> {
    let exposes = cx.model.dockerfile.instructions().iter().filter(|i| i.keyword == Keyword::Expose);
    let words = exposes.filter_map(|expose| match &expose.args {
        Arguments::Words(words) => Some(words),
        _ => None,
    });
    let bad = words.flatten().filter(|word| {
        let text = word.text();
        !text.contains(['$', '"', '\'', '\\', '`']) && !is_port(text)
    });
    bad.map(|word| {
        let message = format!("invalid containerPort: {}; ports are numbers up to 65535", word.text());
        Finding::new(super::INVALID_DOCKERFILE, Place::Source(cx.model.at(word.span())), message)
            .subject(format!("port {}", word.text()))
    })
    .collect()
}

/// Whether the container's part of `[[address:]port:]port[-port][/protocol]` is a port or a range of ports.
fn is_port(word: &str) -> bool {
    let port = word.split('/').next().unwrap_or_default();
    let port = port.rsplit(':').next().unwrap_or_default();
    let (first, last) = port.split_once('-').unwrap_or((port, port));
    match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) => first <= last,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_port;

    #[test]
    fn ports_as_buildkit_takes_them() {
        for word in
            ["80", "80/tcp", "8000-8010/udp", "127.0.0.1:80:80", "8080:80", "[::1]:80:80", "0", "65535"]
        {
            assert!(is_port(word), "{word}");
        }
        for word in ["65536", "80000/tcp", "http", "90-80", "-1", "80-"] {
            assert!(!is_port(word), "{word}");
        }
    }
}
