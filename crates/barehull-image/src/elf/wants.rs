//! What a program looks for at run time although no dependency names it.

use memchr::memmem;
use object::Endianness;
use object::elf;
use object::read::elf::{FileHeader, Sym};

/// What a program looks for at run time although no dependency names it. `false` is "not seen", never "not so".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// The system's root certificates.
    pub certificates: Option<Certificates>,
    /// The time zone database: Go's `time.LoadLocation` without `time/tzdata`.
    pub time_zones: bool,
    /// Nothing of the time zone database, which it holds itself: Go's `time/tzdata`.
    pub holds_time_zones: bool,
    /// Users by name: it imports `getpwnam` or its kin.
    pub users: bool,
    /// Addresses of hosts: it imports `getaddrinfo` or its kin.
    pub hosts: bool,
    /// Libraries by name at run time: it imports `dlopen`.
    pub plugins: bool,
}

/// How a program verifies the other end of a TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certificates {
    /// It is linked to OpenSSL.
    OpenSsl,
    /// It is linked to GnuTLS.
    GnuTls,
    /// It is linked to NSS, Mozilla's library.
    Nss,
    /// Go's crypto/tls as a client, with the system's roots.
    Go,
    /// rustls with the system's roots.
    Rustls,
}

impl Certificates {
    /// What speaks TLS, for a message.
    pub const fn title(self) -> &'static str {
        match self {
            Self::OpenSsl => "OpenSSL",
            Self::GnuTls => "GnuTLS",
            Self::Nss => "NSS",
            Self::Go => "Go's crypto/tls",
            Self::Rustls => "rustls",
        }
    }
}

/// What a file of this header wants.
pub(super) fn of<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    bytes: &[u8],
    needed: &[String],
) -> Wants {
    let mut wants = Wants { certificates: linked_tls(needed), ..Wants::default() };
    let Ok(sections) = header.sections(endian, bytes) else { return wants };
    if sections.section_by_name(endian, b".gopclntab").is_some() {
        of_go(bytes, &mut wants);
    } else if wants.certificates.is_none() && has_rustls_with_system_roots(bytes) {
        wants.certificates = Some(Certificates::Rustls);
    }
    let Ok(symbols) = sections.symbols(endian, bytes, elf::SHT_DYNSYM) else { return wants };
    for symbol in symbols.iter().filter(|s| s.is_undefined(endian)) {
        match symbol.name(endian, symbols.strings()).unwrap_or_default() {
            b"getpwnam" | b"getpwnam_r" | b"getgrnam" | b"getgrnam_r" => wants.users = true,
            b"getaddrinfo" | b"gethostbyname" | b"gethostbyname_r" => wants.hosts = true,
            b"dlopen" => wants.plugins = true,
            _ => {}
        }
    }
    wants
}

fn linked_tls(needed: &[String]) -> Option<Certificates> {
    const LIBRARIES: [(&str, Certificates); 3] = [
        ("libssl.so", Certificates::OpenSsl),
        ("libgnutls.so", Certificates::GnuTls),
        ("libssl3.so", Certificates::Nss),
    ];
    let of = |name: &String| LIBRARIES.iter().find(|(library, _)| name.starts_with(library));
    needed.iter().find_map(of).map(|(_, kind)| *kind)
}

/// The linker drops functions that nothing calls, and the table of functions keeps the names of the others even
/// when symbols are stripped.
pub(super) fn of_go(bytes: &[u8], wants: &mut Wants) {
    let has = |name: &str| memmem::find(bytes, name.as_bytes()).is_some();
    if has("crypto/tls.(*Conn).clientHandshake")
        && has("crypto/x509.loadSystemRoots")
        && !has("golang.org/x/crypto/x509roots/fallback")
    {
        wants.certificates = Some(Certificates::Go);
    }
    wants.holds_time_zones = has("time/tzdata");
    wants.time_zones = !wants.holds_time_zones && has("time.LoadLocation\0");
}

/// The places of panics name the crate's sources.
fn has_rustls_with_system_roots(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"/rustls-").is_some()
        && ["/rustls-native-certs-", "/rustls-platform-verifier-"]
            .iter()
            .any(|name| memmem::find(bytes, name.as_bytes()).is_some())
}
