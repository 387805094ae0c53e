//! What an image needs beside its programs: certificates, name service, time zones, folders, ports, environments.

use barehull_image::elf::{Certificates, Kind, Wants};
use barehull_image::fixture::elf;
use barehull_image::fixture::image::Archive;
use serde_json::{Value, json};

use super::{LOADER, app, base, found, only, program};

const SERVER: [&str; 1] = ["/app/server"];

fn server(needed: &[&str]) -> Archive {
    base().file("app/server", 0o755, program(needed))
}

/// The configuration of `app` with more in it.
fn configured(key: &str, value: Value) -> Value {
    let mut config = app(&SERVER);
    config[key] = value;
    config
}

/// OpenSSL as Debian builds it.
fn with_openssl() -> Archive {
    let mut crypto = elf::library("libcrypto.so.3", &["libc.so.6"]);
    crypto.certificate_folder = Some("/usr/lib/ssl".to_owned());
    server(&["libssl.so.3", "libc.so.6"])
        .file("usr/lib/x86_64-linux-gnu/libcrypto.so.3", 0o644, elf::bytes(&crypto))
        .file(
            "usr/lib/x86_64-linux-gnu/libssl.so.3",
            0o644,
            elf::bytes(&elf::library("libssl.so.3", &["libcrypto.so.3"])),
        )
}

const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

#[test]
fn openssl_looks_in_its_own_folder() {
    let none = found(with_openssl(), app(&SERVER));
    only(&none, "missing-certificates", "/app/server speaks TLS with OpenSSL");
    assert!(none[0].contains("/usr/lib/ssl/cert.pem, /usr/lib/ssl/certs"), "{none:?}");

    // The bundle is there, but not where this OpenSSL looks.
    let elsewhere = found(with_openssl().file(BUNDLE, 0o644, "x"), app(&SERVER));
    only(&elsewhere, "missing-certificates", "set SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt");
    let named = configured("Env", json!(["SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"]));
    assert_eq!(found(with_openssl().file(BUNDLE, 0o644, "x"), named.clone()), [""; 0]);
    only(&found(with_openssl(), named.clone()), "missing-certificates", "which SSL_CERT_FILE names");
    only(&found(with_openssl().file(BUNDLE, 0o644, ""), named), "missing-certificates", "SSL_CERT_FILE");

    // As Debian has it: links of links, by hash. Without the last file they lead nowhere.
    let links = || {
        with_openssl()
            .symlink("usr/lib/ssl/certs", "/etc/ssl/certs")
            .symlink("etc/ssl/certs/5ed36f99.0", "A.pem")
            .symlink("etc/ssl/certs/A.pem", "/usr/share/ca-certificates/mozilla/A.crt")
    };
    let whole = links().file("usr/share/ca-certificates/mozilla/A.crt", 0o644, "x");
    assert_eq!(found(whole, app(&SERVER)), [""; 0]);
    only(&found(links(), app(&SERVER)), "missing-certificates", "OpenSSL");
    // A name that is no hash is not looked at.
    let plain = with_openssl().file("usr/lib/ssl/certs/A.pem", 0o644, "x");
    only(&found(plain, app(&SERVER)), "missing-certificates", "OpenSSL");
    let volume = configured("Volumes", json!({"/usr/lib/ssl/certs": {}}));
    assert!(found(with_openssl(), volume).iter().all(|f| !f.contains("certificates:")));
}

#[test]
fn others_look_elsewhere() {
    let library = |name: &str, library: &str| {
        server(&[library, "libc.so.6"]).file(
            &format!("usr/lib/x86_64-linux-gnu/{name}"),
            0o644,
            elf::bytes(&elf::library(name, &[])),
        )
    };
    let gnutls = || library("libgnutls.so.30", "libgnutls.so.30");
    // GnuTLS does not read the variable.
    let named = configured("Env", json!(["SSL_CERT_FILE=/app/roots.pem"]));
    only(&found(gnutls().file("app/roots.pem", 0o644, "x"), named), "missing-certificates", "GnuTLS");
    assert_eq!(found(gnutls().file(BUNDLE, 0o644, "x"), app(&SERVER)), [""; 0]);

    let nss = || library("libssl3.so", "libssl3.so");
    only(&found(nss().file(BUNDLE, 0o644, "x"), app(&SERVER)), "missing-certificates", "libnssckbi.so");
    let roots = elf::bytes(&elf::library("libnssckbi.so", &[]));
    let whole = nss().file("usr/lib/x86_64-linux-gnu/nss/libnssckbi.so", 0o644, roots);
    assert_eq!(found(whole, app(&SERVER)), [""; 0]);
}

/// A static program that wants this, and no C library.
fn alone(wants: Wants) -> Archive {
    let facts = barehull_image::ElfFacts { wants, ..elf::facts(Kind::Static) };
    Archive::new().file("app/server", 0o755, elf::bytes(&facts))
}

#[test]
fn go_and_rust_take_any_bundle() {
    for (kind, title) in [(Certificates::Go, "Go's crypto/tls"), (Certificates::Rustls, "rustls")] {
        let image = || alone(Wants { certificates: Some(kind), ..Wants::default() });
        only(&found(image(), app(&SERVER)), "missing-certificates", title);
        assert_eq!(found(image().file("etc/pki/tls/certs/ca-bundle.crt", 0o644, "x"), app(&SERVER)), [""; 0]);
        assert_eq!(found(image().file("etc/ssl/certs/own.pem", 0o644, "x"), app(&SERVER)), [""; 0]);
        // Somewhere else they are of no use, unless a variable says where.
        let own = || image().file("app/roots.pem", 0o644, "x");
        only(&found(own(), app(&SERVER)), "missing-certificates", title);
        for variable in ["SSL_CERT_FILE=/app/roots.pem", "SSL_CERT_DIR=/gone:/app"] {
            assert_eq!(found(own(), configured("Env", json!([variable]))), [""; 0], "{variable}");
        }
    }
}

#[test]
fn go_loads_zones_by_name() {
    let image = || alone(Wants { time_zones: true, ..Wants::default() });
    only(&found(image(), app(&SERVER)), "missing-time-zones", "/app/server may load time zones");
    assert_eq!(found(image().file("usr/share/zoneinfo/UTC", 0o644, "TZif"), app(&SERVER)), [""; 0]);
    let named = configured("Env", json!(["ZONEINFO=/app/zones.zip"]));
    only(&found(image(), named.clone()), "missing-time-zones", "import time/tzdata");
    assert_eq!(found(image().file("app/zones.zip", 0o644, "x"), named), [""; 0]);
    // With time/tzdata TZ may be anything.
    let holds = || alone(Wants { holds_time_zones: true, ..Wants::default() });
    assert_eq!(found(holds(), configured("Env", json!(["TZ=Europe/Berlin"]))), [""; 0]);
}

#[test]
fn what_speaks_no_tls_needs_no_certificates() {
    assert_eq!(found(server(&["libc.so.6"]), app(&SERVER)), [""; 0]);
    // Nothing reaches this one.
    let other = server(&["libc.so.6"])
        .file("usr/lib/x86_64-linux-gnu/libssl.so.3", 0o644, elf::bytes(&elf::library("libssl.so.3", &[])))
        .file("usr/bin/other", 0o755, program(&["libssl.so.3"]));
    assert_eq!(found(other, app(&SERVER)), [""; 0]);
}

#[test]
fn python_speaks_tls_by_a_module() {
    let python = || {
        let mut crypto = elf::library("libcrypto.so.3", &["libc.so.6"]);
        crypto.certificate_folder = Some("/usr/lib/ssl".to_owned());
        base()
            .file("usr/local/bin/python3.13", 0o755, program(&["libc.so.6"]))
            .file("usr/lib/x86_64-linux-gnu/libcrypto.so.3", 0o644, elf::bytes(&crypto))
            .file(
                "usr/lib/x86_64-linux-gnu/libssl.so.3",
                0o644,
                elf::bytes(&elf::library("libssl.so.3", &["libcrypto.so.3"])),
            )
            .file(
                "usr/local/lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so",
                0o644,
                elf::bytes(&elf::library("", &["libssl.so.3", "libcrypto.so.3"])),
            )
    };
    let config = || app(&["/usr/local/bin/python3.13", "-m", "app"]);
    only(&found(python(), config()), "missing-certificates", "/lib-dynload/_ssl.");
    let certifi = python().file("venv/lib/python3.13/site-packages/certifi/cacert.pem", 0o644, "x");
    assert_eq!(found(certifi, config()), [""; 0]);
    assert_eq!(found(python().file("usr/lib/ssl/cert.pem", 0o644, "x"), config()), [""; 0]);
}

fn looks_up(libc: &[&str], wants: Wants) -> Archive {
    let mut c = elf::library("libc.so.6", &[]);
    c.offers = libc.iter().map(|&version| version.to_owned()).collect();
    let server = barehull_image::ElfFacts { wants, ..elf::program(LOADER, &["libc.so.6"]) };
    Archive::new()
        .file("lib64/ld-linux-x86-64.so.2", 0o755, elf::bytes(&elf::library("ld-linux-x86-64.so.2", &[])))
        .file("usr/lib/x86_64-linux-gnu/libc.so.6", 0o755, elf::bytes(&c))
        .file("app/server", 0o755, elf::bytes(&server))
}

#[test]
fn old_libcs_need_modules_for_names() {
    let hosts = Wants { hosts: true, ..Wants::default() };
    let old = || looks_up(&["GLIBC_2.9", "GLIBC_2.31"], hosts);
    let found_old = found(old(), app(&SERVER));
    only(&found_old, "missing-name-service", "libnss_files.so.2, libnss_dns.so.2");
    let module = |image: Archive, name: &str| {
        image.file(
            &format!("usr/lib/x86_64-linux-gnu/{name}"),
            0o644,
            elf::bytes(&elf::library(name, &["libc.so.6"])),
        )
    };
    let one = module(old(), "libnss_dns.so.2");
    only(&found(one, app(&SERVER)), "missing-name-service", "but libnss_files.so.2, which");
    let both = module(module(old(), "libnss_dns.so.2"), "libnss_files.so.2");
    assert_eq!(found(both, app(&SERVER)), [""; 0]);
    // Who looks up nothing needs none, and 2.34 holds them.
    assert_eq!(found(looks_up(&["GLIBC_2.31"], Wants::default()), app(&SERVER)), [""; 0]);
    assert_eq!(found(looks_up(&["GLIBC_2.9", "GLIBC_2.36"], hosts), app(&SERVER)), [""; 0]);
}

#[test]
fn modules_that_are_configured_have_to_be_there() {
    let wants = Wants { users: true, hosts: true, ..Wants::default() };
    let with = |text: &str| {
        found(looks_up(&["GLIBC_2.36"], wants).file("etc/nsswitch.conf", 0o644, text), app(&SERVER))
    };
    only(
        &with("passwd: files sss # directory\nhosts: files dns\n"),
        "missing-name-service",
        "libnss_sss.so.2",
    );
    only(&with("hosts:\tldap [NOTFOUND=return]\n"), "missing-name-service", "hosts");
    // What distributions write whether or not the module is installed; words in brackets; a comment; another database.
    let usual = "passwd: files systemd\nhosts: files mdns4_minimal [NOTFOUND=return ldap] dns myhostname\n\
                 # hosts: ldap\nnetgroup: nis ldap\n";
    assert_eq!(with(usual), [""; 0]);
    // Without any other they are needed after all.
    only(&with("hosts: resolve [!UNAVAIL=return]\n"), "missing-name-service", "libnss_resolve.so.2");
}

#[test]
fn zones_that_are_named_have_to_be_there() {
    let with = |zone: &str, image: Archive| found(image, configured("Env", json!([format!("TZ={zone}")])));
    let plain = || server(&["libc.so.6"]);
    only(&with("Europe/Berlin", plain()), "missing-time-zones", "TZ is Europe/Berlin");
    only(&with(":Japan", plain()), "missing-time-zones", "/usr/share/zoneinfo/Japan");
    only(&with("/etc/localtime", plain()), "missing-time-zones", "/etc/localtime");
    for zone in ["", "UTC", "Etc/UTC", "CET-1CEST", "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "UTC0"] {
        assert_eq!(with(zone, plain()), [""; 0], "{zone}");
    }
    let zones = plain().file("usr/share/zoneinfo/Europe/Berlin", 0o644, "TZif");
    assert_eq!(with("Europe/Berlin", zones), [""; 0]);
    // Node.js has a database of its own.
    let node = base().file("usr/bin/node", 0o755, program(&["libc.so.6"]));
    let config =
        json!({"User": "1000", "Entrypoint": ["node", "a"], "Env": ["TZ=Europe/Berlin", "PATH=/usr/bin"]});
    assert_eq!(found(node, config), [""; 0]);
}

#[test]
fn volumes_have_to_be_writable() {
    let with = |image: Archive| found(image, configured("Volumes", json!({"/data": {}})));
    let plain = || server(&["libc.so.6"]);
    only(&with(plain()), "unwritable-volume", "it is not in the image");
    only(&with(plain().dir("data/")), "unwritable-volume", "belongs to 0:0, with mode 0755");
    only(&with(plain().dir_of(1001, 0o755, "data/")), "unwritable-volume", "1001:1001");
    assert_eq!(with(plain().dir_of(1000, 0o755, "data/")), [""; 0]);
    assert_eq!(with(plain().dir_of(0, 0o777, "data/")), [""; 0]);
    // Its owner took the right away from himself; a closed folder on the way of a link.
    only(&with(plain().dir_of(1000, 0o577, "data/")), "unwritable-volume", "mode 0577");
    let closed =
        plain().dir_of(0, 0o700, "root/").dir_of(1000, 0o755, "root/data/").symlink("data", "root/data");
    only(&with(closed), "unwritable-volume", "may not go into /root");
    let root = json!({"Entrypoint": SERVER, "Volumes": {"/data": {}}});
    only(&found(plain(), root), "runs-as-root", "no USER");
}

#[test]
fn working_folders_are_only_noted() {
    let with = |workdir: &str, image: Archive| found(image, configured("WorkingDir", json!(workdir)));
    let plain = || server(&["libc.so.6"]);
    only(&with("/app", plain().dir("app/")), "unwritable-workdir", "WORKDIR /app");
    only(&with("/srv", plain()), "unwritable-workdir", "it is not in the image");
    assert_eq!(with("/srv", plain().dir_of(1000, 0o755, "srv/")), [""; 0]);
    assert_eq!(with("/", plain()), [""; 0]);
    let mut volume = configured("WorkingDir", json!("/data/x"));
    volume["Volumes"] = json!({"/data": {}});
    assert_eq!(found(plain().dir_of(1000, 0o755, "data/"), volume), [""; 0]);
}

#[test]
fn low_ports_are_for_root() {
    let with = |ports: Value| found(server(&["libc.so.6"]), configured("ExposedPorts", ports));
    only(&with(json!({"443/tcp": {}, "80": {}, "8080/tcp": {}})), "privileged-port", "EXPOSE 80 443:");
    assert_eq!(with(json!({"8080/tcp": {}, "1024": {}, "x": {}})), [""; 0]);
    let capable = base().attributes(&[("SCHILY.xattr.security.capability", "x")]).file(
        "app/server",
        0o755,
        program(&["libc.so.6"]),
    );
    let found = found(capable, configured("ExposedPorts", json!({"80/tcp": {}})));
    only(&found, "setuid-program", "/app/server");
}

#[test]
fn environments_without_interpreter() {
    let environment = |image: Archive| {
        image
            .file("venv/pyvenv.cfg", 0o644, "home = /usr/local/bin\n")
            .symlink("venv/bin/python", "python3")
            .symlink("venv/bin/python3", "/usr/local/bin/python3.13")
            .file("venv/bin/flask", 0o755, "#!/venv/bin/python\n")
            .file("venv/bin/gunicorn", 0o755, "#!/venv/bin/python3\n")
    };
    let on_path = |entrypoint: &[&str]| json!({"User": "1000", "Entrypoint": entrypoint, "Env": ["PATH=/venv/bin:/usr/bin"]});
    // It is said once, whatever lies in it.
    let silent = found(environment(server(&["libc.so.6"])), on_path(&SERVER));
    only(&silent, "broken-program", "/venv/bin/python leads to /usr/local/bin/python3.13");
    let started = found(environment(base()), on_path(&["flask"]));
    only(&started, "broken-entrypoint", "/venv/bin/python is a link to python3");
    let started = found(environment(base()), on_path(&["/venv/bin/python", "-m", "flask"]));
    only(&started, "broken-entrypoint", "/venv/bin/python is a link to python3");
    let whole = environment(base()).file("usr/local/bin/python3.13", 0o755, program(&["libc.so.6"]));
    assert_eq!(found(whole, on_path(&["flask"])), [""; 0]);
}

#[test]
fn scripts_of_packages_are_one_note() {
    let image = server(&["libc.so.6"])
        .file("usr/sbin/update-ca-certificates", 0o755, "#!/bin/sh -e\n")
        .file("usr/bin/c_rehash", 0o755, "#!/usr/bin/perl\n")
        .file("usr/bin/ldd", 0o755, "#!/usr/bin/env bash\n")
        .file("usr/bin/catchsegv", 0o755, "#!/bin/sh\n");
    let found = found(image, app(&SERVER));
    only(&found, "broken-program", "are scripts for /bin/sh, /usr/bin/env, /usr/bin/perl, not in the image");
}
