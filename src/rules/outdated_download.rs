//! `outdated-third-party-download`: a version that is downloaded by its address has had no fixes for a while.

use super::FileCx;
use super::language::one_line;
use crate::finding::{Finding, Place};
use crate::model::{EffectKind, Source, StepKind};

/// Starts of addresses without scheme, up to the version, and the product there. The longest that fits counts.
const PLACES: [(&str, &str); 27] = [
    ("nodejs.org/dist/v", "nodejs"),
    ("nodejs.org/dist/latest-v", "nodejs"),
    ("nodejs.org/download/release/v", "nodejs"),
    ("unofficial-builds.nodejs.org/download/release/v", "nodejs"),
    ("deb.nodesource.com/setup_", "nodejs"),
    ("rpm.nodesource.com/setup_", "nodejs"),
    ("deb.nodesource.com/node_", "nodejs"),
    ("www.python.org/ftp/python/", "python"),
    ("python.org/ftp/python/", "python"),
    ("go.dev/dl/go", "go"),
    ("golang.org/dl/go", "go"),
    ("dl.google.com/go/go", "go"),
    ("storage.googleapis.com/golang/go", "go"),
    ("cache.ruby-lang.org/pub/ruby/", "ruby"),
    ("www.php.net/distributions/php-", "php"),
    ("archive.apache.org/dist/tomcat/tomcat-", "tomcat"),
    ("dlcdn.apache.org/tomcat/tomcat-", "tomcat"),
    ("archive.apache.org/dist/maven/maven-3/", "apache-maven"),
    ("dlcdn.apache.org/maven/maven-3/", "apache-maven"),
    ("archive.apache.org/dist/kafka/", "apache-kafka"),
    ("archive.apache.org/dist/cassandra/", "apache-cassandra"),
    ("services.gradle.org/distributions/gradle-", "gradle"),
    ("nginx.org/download/nginx-", "nginx"),
    ("artifacts.elastic.co/downloads/elasticsearch/elasticsearch-", "elasticsearch"),
    ("artifacts.elastic.co/downloads/logstash/logstash-", "logstash"),
    ("artifacts.elastic.co/downloads/kibana/kibana-", "kibana"),
    ("download.redis.io/releases/redis-", "redis"),
];

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for stage in cx.model.stages.iter().filter(|stage| stage.reachable) {
        for step in &stage.steps {
            match &step.kind {
                StepKind::Run(run) => {
                    for command in &run.commands {
                        let effects = command.effects.start as usize..command.effects.end as usize;
                        for effect in run.effects.get(effects).unwrap_or_default() {
                            let EffectKind::Fetch { url: Some(url), .. } = &effect.kind else { continue };
                            found.extend(of_address(cx, url, Place::Source(command.at)));
                        }
                    }
                }
                StepKind::Transfer(transfer) if transfer.from == Source::Remote => {
                    let place = Place::Source(cx.model.at(cx.model.instruction(step).span));
                    let urls = transfer.sources.iter().flatten();
                    found.extend(urls.filter_map(|url| of_address(cx, url, place.clone())));
                }
                _ => {}
            }
        }
    }
    found
}

fn of_address(cx: &FileCx<'_>, url: &str, place: Place) -> Option<Finding> {
    let (product, version) = version(url)?;
    let ended =
        cx.catalog.eol(product, version).filter(|date| cx.today.is_some_and(|today| *date < today))?;
    let message = format!("{product} {version} has had no fixes since {ended}: download a newer one");
    let finding = Finding::new(super::OUTDATED_THIRD_PARTY_DOWNLOAD, place, message);
    Some(finding.subject(one_line(&format!("{product} {version}"))))
}

/// The product that an address is of, and the version that it names.
fn version(url: &str) -> Option<(&'static str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let known = PLACES.iter().filter(|(start, _)| rest.starts_with(start));
    let (start, product) = known.max_by_key(|(start, _)| start.len())?;
    let behind = &rest[start.len()..];
    let len = behind.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let version = behind[..len].trim_end_matches('.');
    version.starts_with(|c: char| c.is_ascii_digit()).then_some((product, version))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn addresses_name_versions() {
        for (url, expected) in [
            ("https://nodejs.org/dist/v14.17.0/node-v14.17.0-linux-x64.tar.xz", Some(("nodejs", "14.17.0"))),
            ("https://deb.nodesource.com/setup_14.x", Some(("nodejs", "14"))),
            ("https://deb.nodesource.com/setup_lts.x", None),
            ("https://go.dev/dl/go1.16.3.linux-amd64.tar.gz", Some(("go", "1.16.3"))),
            ("https://cache.ruby-lang.org/pub/ruby/2.6/ruby-2.6.3.tar.gz", Some(("ruby", "2.6"))),
            (
                "https://archive.apache.org/dist/maven/maven-3/3.6.3/binaries/a.tar.gz",
                Some(("apache-maven", "3.6.3")),
            ),
            ("https://nginx.org/download/nginx-1.18.0.tar.gz", Some(("nginx", "1.18.0"))),
            ("https://example.com/nodejs.org/dist/v14.17.0/", None),
        ] {
            assert_eq!(version(url), expected, "{url}");
        }
    }
}
