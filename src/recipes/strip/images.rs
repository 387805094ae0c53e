//! Entrypoint scripts of images: what they start, and which start nothing but what CMD names. Read in November 2026
//! in the repositories of the official images (docker-library, nginx/docker-nginx, adoptium/containers).

/// Scripts that only hand over to CMD, where that is no option or script of the interpreter: run time and script.
pub(super) const PASSING: [(&str, &str); 3] =
    [("node", "docker-entrypoint.sh"), ("php", "docker-php-entrypoint"), ("java", "__cacert_entrypoint.sh")];

/// What entrypoint scripts start that has a role: images, script, programs.
const ENTRYPOINTS: [(&[&str], &str, &[&str]); 9] = [
    (
        &["nginx", "nginxinc/nginx-unprivileged", "ghcr.io/nginx/nginx-unprivileged"],
        "docker-entrypoint.sh",
        &["sh", "envsubst"],
    ),
    (
        &["redis", "valkey/valkey", "memcached", "haproxy", "eclipse-mosquitto"],
        "docker-entrypoint.sh",
        &["sh"],
    ),
    (&["postgres", "postgis/postgis"], "docker-entrypoint.sh", &["sh", "bash", "psql"]),
    (&["mysql", "mariadb", "percona"], "docker-entrypoint.sh", &["sh", "bash", "mysql", "mariadb"]),
    (&["mongo"], "docker-entrypoint.sh", &["sh", "bash", "mongosh", "mongo"]),
    (&["rabbitmq"], "docker-entrypoint.sh", &["sh", "bash"]),
    (&["php"], "docker-php-entrypoint", &["sh"]),
    (&["node"], "docker-entrypoint.sh", &["sh"]),
    (&["traefik"], "entrypoint.sh", &["sh"]),
];

/// What the entrypoint script of an image starts, where somebody read it.
pub(super) fn entrypoint(image: &str, script: &str) -> Option<&'static [&'static str]> {
    let found = ENTRYPOINTS.iter().find(|(images, name, _)| images.contains(&image) && *name == script);
    found.map(|(_, _, programs)| *programs)
}
