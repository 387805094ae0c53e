//! From bytes to facts.

use object::Endianness;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::ReadRef;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

use super::{ElfFacts, Kind, MAGIC, Machine, Requirement, wants};

/// Libraries, versions and folders beyond this count are not read; real files have some dozens.
const MAX_ITEMS: usize = 4096;
/// Longer names are cut.
const MAX_NAME: usize = 4096;

/// See [`ElfFacts::read`].
pub(super) fn facts(bytes: &[u8]) -> Option<ElfFacts> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    if bytes.get(4) == Some(&2) {
        of_class::<FileHeader64<Endianness>>(bytes)
    } else {
        of_class::<FileHeader32<Endianness>>(bytes)
    }
}

fn of_class<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Option<ElfFacts> {
    let header = Elf::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let interpreter = segments.iter().find_map(|s| s.interpreter(endian, bytes).ok()?).map(text);
    let dynamic = Dynamic::read::<Elf>(endian, bytes, segments);
    let image = Mapped { bytes, segments, endian };
    let strings = image.at(dynamic.strings).unwrap_or_default();
    let strings = &strings[..strings.len().min(dynamic.strings_size)];
    let name = |offset: u64| string_at(strings, offset);

    let kind = match header.e_type(endian) {
        elf::ET_EXEC | elf::ET_DYN if interpreter.is_some() => Kind::Dynamic,
        elf::ET_EXEC => Kind::Static,
        elf::ET_DYN if dynamic.pie => Kind::StaticPie,
        elf::ET_DYN => Kind::Library,
        _ => Kind::Other,
    };
    let needed: Vec<String> = dynamic.needed.iter().filter_map(|at| name(*at)).collect();
    let wants = wants::of::<Elf>(header, endian, bytes, &needed);
    let soname = dynamic.soname.and_then(name);
    let is_loader = soname.as_deref().is_some_and(|s| s.starts_with("ld-linux") || s.starts_with("ld64.so"));
    let is_crypto = soname.as_deref().is_some_and(|s| s.starts_with("libcrypto.so"));
    Some(ElfFacts {
        machine: Machine {
            number: header.e_machine(endian).0,
            wide: header.is_class_64(),
            little_endian: header.is_little_endian(),
        },
        kind,
        interpreter,
        soname,
        rpath: dynamic.rpath.and_then(name).map_or_else(Vec::new, |list| folders(&list)),
        runpath: dynamic.runpath.and_then(name).map(|list| folders(&list)),
        no_default_folders: dynamic.no_default_folders,
        requires: image.at(dynamic.verneed).map_or_else(Vec::new, |data| required(data, endian, strings)),
        offers: image.at(dynamic.verdef).map_or_else(Vec::new, |data| offered(data, endian, strings)),
        default_folders: if is_loader { default_folders(bytes) } else { Vec::new() },
        certificate_folder: if is_crypto { certificate_folder(bytes) } else { None },
        needed,
        wants,
    })
}

/// The entries of the dynamic segment that matter here; addresses and offsets as they stand there.
#[derive(Default)]
struct Dynamic {
    needed: Vec<u64>,
    soname: Option<u64>,
    rpath: Option<u64>,
    runpath: Option<u64>,
    strings: Option<u64>,
    strings_size: usize,
    verneed: Option<u64>,
    verdef: Option<u64>,
    pie: bool,
    no_default_folders: bool,
}

impl Dynamic {
    fn read<Elf: FileHeader<Endian = Endianness>>(
        endian: Endianness,
        bytes: &[u8],
        segments: &[Elf::ProgramHeader],
    ) -> Self {
        let entries = segments.iter().find_map(|s| s.dynamic(endian, bytes).ok()?).unwrap_or_default();
        let mut dynamic = Self { strings_size: usize::MAX, ..Self::default() };
        for entry in entries {
            let value = entry.val(endian);
            match entry.tag(endian) {
                elf::DT_NULL => break,
                elf::DT_NEEDED if dynamic.needed.len() < MAX_ITEMS => dynamic.needed.push(value),
                elf::DT_SONAME => dynamic.soname = Some(value),
                elf::DT_RPATH => dynamic.rpath = Some(value),
                elf::DT_RUNPATH => dynamic.runpath = Some(value),
                elf::DT_STRTAB => dynamic.strings = Some(value),
                elf::DT_STRSZ => dynamic.strings_size = usize::try_from(value).unwrap_or(usize::MAX),
                elf::DT_VERNEED => dynamic.verneed = Some(value),
                elf::DT_VERDEF => dynamic.verdef = Some(value),
                elf::DT_FLAGS_1 => {
                    dynamic.pie = value & elf::DF_1_PIE.0 != 0;
                    dynamic.no_default_folders = value & elf::DF_1_NODEFLIB.0 != 0;
                }
                _ => {}
            }
        }
        dynamic
    }
}

/// The file as its segments map it.
struct Mapped<'a, Segment> {
    bytes: &'a [u8],
    segments: &'a [Segment],
    endian: Endianness,
}

impl<'a, Segment: ProgramHeader<Endian = Endianness>> Mapped<'a, Segment> {
    /// What lies at an address, to the end of its segment.
    fn at(&self, address: Option<u64>) -> Option<&'a [u8]> {
        let address = address?;
        self.segments.iter().filter(|s| s.p_type(self.endian) == elf::PT_LOAD).find_map(|segment| {
            let start: u64 = segment.p_vaddr(self.endian).into();
            let offset = usize::try_from(address.checked_sub(start)?).ok()?;
            // A segment that runs past the end of the file still holds what is there.
            let (from, size) = segment.file_range(self.endian);
            let from = usize::try_from(from).ok()?;
            let end = from.saturating_add(usize::try_from(size).ok()?).min(self.bytes.len());
            self.bytes.get(from..end)?.get(offset..)
        })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_NAME)]).into_owned()
}

fn string_at(strings: &[u8], offset: u64) -> Option<String> {
    let rest = strings.get(usize::try_from(offset).ok()?..)?;
    let rest = &rest[..rest.len().min(MAX_NAME)];
    let name = &rest[..memchr::memchr(0, rest)?];
    (!name.is_empty()).then(|| text(name))
}

/// The folders of a run path. An empty one is the working directory, which no image can vouch for.
fn folders(list: &str) -> Vec<String> {
    list.split(':').filter(|folder| !folder.is_empty()).take(MAX_ITEMS).map(str::to_owned).collect()
}

/// The versions that `DT_VERNEED` lists. Its links are followed forward only, so that they end.
fn required(data: &[u8], endian: Endianness, strings: &[u8]) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    let mut at = 0;
    while let Ok(need) = data.read_at::<elf::Verneed<Endianness>>(at) {
        let mut versions = Vec::new();
        let mut aux_at = at + u64::from(need.vn_aux.get(endian));
        for _ in 0..need.vn_cnt.get(endian).min(MAX_ITEMS as u16) {
            let Ok(aux) = data.read_at::<elf::Vernaux<Endianness>>(aux_at) else { break };
            let weak = aux.vna_flags.get(endian).contains(elf::VER_FLG_WEAK);
            if !weak && let Some(version) = string_at(strings, aux.vna_name.get(endian).into()) {
                versions.push(version);
            }
            let next = u64::from(aux.vna_next.get(endian));
            if next == 0 {
                break;
            }
            aux_at += next;
        }
        if let Some(library) = string_at(strings, need.vn_file.get(endian).into()) {
            requirements.push(Requirement { library, versions });
        }
        let next = u64::from(need.vn_next.get(endian));
        if next == 0 || requirements.len() >= MAX_ITEMS {
            break;
        }
        at += next;
    }
    requirements
}

/// The versions that `DT_VERDEF` lists, the file's own name left out.
fn offered(data: &[u8], endian: Endianness, strings: &[u8]) -> Vec<String> {
    let mut versions = Vec::new();
    let mut at = 0;
    while let Ok(definition) = data.read_at::<elf::Verdef<Endianness>>(at) {
        let base = definition.vd_flags.get(endian).contains(elf::VER_FLG_BASE);
        let aux = data.read_at::<elf::Verdaux<Endianness>>(at + u64::from(definition.vd_aux.get(endian)));
        if !base
            && let Some(version) = aux.ok().and_then(|a| string_at(strings, a.vda_name.get(endian).into()))
        {
            versions.push(version);
        }
        let next = u64::from(definition.vd_next.get(endian));
        if next == 0 || versions.len() >= MAX_ITEMS {
            break;
        }
        at += next;
    }
    versions
}

/// glibc's loader holds its default folders as strings, one behind the other: `/lib/\0/usr/lib/\0`.
fn default_folders(bytes: &[u8]) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for start in memchr::memmem::find_iter(bytes, b"\0/") {
        let rest = &bytes[start + 1..];
        let Some(end) = memchr::memchr(0, &rest[..rest.len().min(MAX_NAME)]) else { continue };
        let is_folder = rest[..end].ends_with(b"/") && rest[..end].iter().all(u8::is_ascii_graphic);
        let is_library = rest.starts_with(b"/lib") || rest.starts_with(b"/usr/lib");
        if is_folder && is_library && folders.len() < MAX_ITEMS {
            let folder = text(&rest[..end - 1]);
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    folders
}

/// What `openssl version -d` prints stands in the library as it is printed: `OPENSSLDIR: "/usr/lib/ssl"`.
fn certificate_folder(bytes: &[u8]) -> Option<String> {
    const START: &[u8] = b"OPENSSLDIR: \"";
    let rest = &bytes[memchr::memmem::find(bytes, START)? + START.len()..];
    let folder = &rest[..memchr::memchr(b'"', &rest[..rest.len().min(MAX_NAME)])?];
    folder.starts_with(b"/").then(|| text(folder))
}
