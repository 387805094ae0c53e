//! What image builders can: the one place that knows. A patch may use what the builder that is asked for has, or what the
//! file used before it; its summary says which builders it takes.

use barehull_catalog::compare_versions;
use barehull_syntax::dockerfile::{Arguments, Dockerfile, Flag, Instruction, Keyword};

/// Image builders, from the one that understands least to the one that understands most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builder {
    /// `docker build` without BuildKit.
    Classic,
    /// kaniko.
    Kaniko,
    /// buildah, podman.
    Buildah,
    /// BuildKit.
    Buildkit,
}

impl Builder {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Classic, Self::Kaniko, Self::Buildah, Self::Buildkit];

    /// As the command line names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Kaniko => "kaniko",
            Self::Buildah => "buildah",
            Self::Buildkit => "buildkit",
        }
    }

    /// As its makers write it.
    const fn name(self) -> &'static str {
        match self {
            Self::Classic => "the classic builder",
            Self::Kaniko => "kaniko",
            Self::Buildah => "buildah",
            Self::Buildkit => "BuildKit",
        }
    }
}

/// Whether a builder has a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Has {
    Always,
    /// From this version on.
    Since(&'static str),
    Never,
}
use Has::{Always, Never, Since};

/// What some builders lack.
#[derive(Debug)]
struct Feature {
    name: &'static str,
    classic: Has,
    kaniko: Has,
    buildah: Has,
    is_used: Used,
}

/// How a file shows that it uses a feature.
#[derive(Debug)]
enum Used {
    /// In one instruction, a deferred one included.
    By(fn(&Instruction) -> bool),
    /// In what several do together.
    Across(fn(&Dockerfile) -> bool),
}
use Used::{Across, By};

/// BuildKit has them all.
///
/// Read in November 2026: moby at b985e23 (`daemon/builder/dockerfile/dispatchers.go`: RUN refuses every option, COPY and
/// ADD refuse `--chmod`; the bodies of heredocs, `--checksum`, `--exclude`, `--parents` and `--link` are read and passed
/// over, and refused where Docker is older than they are; no platform arguments), kaniko at 236ba56, its last commit
/// (`pkg/commands/{run,copy,add}.go`, the same, but for `--chmod`; `CHANGELOG.md` for 1.19.0 and 1.23.0; issue 960 for
/// copies of a whole file system, 2866 for capabilities), buildah at 5b1b18e (`CHANGELOG.md`, the options in imagebuilder's
/// `dispatchers.go`; issue 3294 for capabilities). Of Docker's own, issues 20435 and 38132 say what is lost without BuildKit.
/// What is passed over makes another image and counts as lacking; `--link` does not.
const FEATURES: &[Feature] = &[
    Feature {
        name: "heredocs",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.33.0"),
        is_used: By(|i| !i.heredocs.is_empty()),
    },
    Feature {
        name: "RUN --mount",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.24.0"),
        is_used: By(|i| i.keyword == Keyword::Run && has(i, "mount")),
    },
    Feature {
        name: "RUN --network",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.30.0"),
        is_used: By(|i| i.keyword == Keyword::Run && has(i, "network")),
    },
    Feature {
        name: "RUN --security",
        classic: Never,
        kaniko: Never,
        buildah: Never,
        is_used: By(|i| i.keyword == Keyword::Run && has(i, "security")),
    },
    Feature {
        name: "RUN --device",
        classic: Never,
        kaniko: Never,
        buildah: Never,
        is_used: By(|i| i.keyword == Keyword::Run && has(i, "device")),
    },
    Feature {
        name: "--chmod",
        classic: Never,
        kaniko: Since("1.23.0"),
        buildah: Since("1.20.0"),
        is_used: By(|i| is_transfer(i) && has(i, "chmod")),
    },
    Feature {
        name: "--link",
        classic: Never,
        kaniko: Always,
        buildah: Since("1.41.0"),
        is_used: By(|i| is_transfer(i) && has(i, "link")),
    },
    Feature {
        name: "--exclude",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.38.0"),
        is_used: By(|i| is_transfer(i) && has(i, "exclude")),
    },
    Feature {
        name: "COPY --parents",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.40.0"),
        is_used: By(|i| is_transfer(i) && has(i, "parents")),
    },
    Feature {
        name: "ADD --checksum",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.33.0"),
        is_used: By(|i| is_transfer(i) && has(i, "checksum")),
    },
    Feature {
        name: "ADD --keep-git-dir",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.44.0"),
        is_used: By(|i| is_transfer(i) && has(i, "keep-git-dir")),
    },
    Feature {
        name: "ADD --unpack",
        classic: Never,
        kaniko: Never,
        buildah: Never,
        is_used: By(|i| is_transfer(i) && has(i, "unpack")),
    },
    Feature {
        name: "FROM --platform=$BUILDPLATFORM",
        classic: Never,
        // It takes every image for the one platform that it builds for.
        kaniko: Always,
        buildah: Always,
        is_used: By(names_platform),
    },
    Feature {
        name: "a copy of a stage's whole file system",
        classic: Always,
        kaniko: Since("1.19.0"),
        buildah: Always,
        is_used: By(copies_everything),
    },
    Feature {
        name: "file capabilities that go from stage to stage",
        classic: Never,
        kaniko: Never,
        buildah: Since("1.22.0"),
        is_used: Across(copies_capabilities),
    },
];

fn flag<'a>(instruction: &'a Instruction, name: &str) -> Option<&'a Flag> {
    instruction.flags.iter().find(|flag| flag.name.text() == name)
}

fn has(instruction: &Instruction, name: &str) -> bool {
    flag(instruction, name).is_some()
}

fn is_transfer(instruction: &Instruction) -> bool {
    matches!(instruction.keyword, Keyword::Copy | Keyword::Add)
}

fn names_platform(instruction: &Instruction) -> bool {
    let value = flag(instruction, "platform").and_then(|flag| flag.value.as_ref());
    let automatic = ["BUILDPLATFORM", "TARGETPLATFORM"];
    instruction.keyword == Keyword::From
        && value.is_some_and(|value| automatic.iter().any(|name| value.text().contains(name)))
}

fn copies_everything(instruction: &Instruction) -> bool {
    let words = match &instruction.args {
        Arguments::Words(words) | Arguments::Json { items: words, .. } => words.as_slice(),
        _ => &[],
    };
    let sources = words.split_last().map_or(&[][..], |(_, sources)| sources);
    instruction.keyword == Keyword::Copy
        && has(instruction, "from")
        && sources.iter().any(|source| matches!(source.text(), "/" | "/." | "/*" | "."))
}

/// Whether a shell text calls setcap: its name alone may stand in a list of files.
fn gives_capabilities(text: &str) -> bool {
    text.match_indices("setcap").any(|(at, name)| {
        let mut words = text[at + name.len()..].split_whitespace().take(3);
        words.any(|word| word.trim_start_matches(['\'', '"']).to_ascii_lowercase().starts_with("cap_"))
    })
}

/// Whether a stage that calls setcap is copied from.
fn copies_capabilities(dockerfile: &Dockerfile) -> bool {
    let mut stages: Vec<(Option<&str>, bool)> = Vec::new();
    let find = |stages: &[(Option<&str>, bool)], name: &str| {
        let at = name.parse::<usize>().ok();
        let is_it = |(index, stage): (usize, &(Option<&str>, bool))| {
            at == Some(index) || stage.0.is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        stages.iter().enumerate().rposition(is_it).is_some_and(|index| stages[index].1)
    };
    for instruction in dockerfile.instructions() {
        match instruction.keyword {
            Keyword::From => {
                let Arguments::Words(words) = &instruction.args else { continue };
                let base = words.first().is_some_and(|base| find(&stages, base.text()));
                stages.push((words.get(2).map(|name| name.text()), base));
            }
            Keyword::Run => {
                let bodies = instruction.heredocs.iter().map(|heredoc| heredoc.body.text());
                if let Some((_, gives)) = stages.last_mut() {
                    *gives |= gives_capabilities(instruction.rest.text())
                        || bodies.into_iter().any(gives_capabilities);
                }
            }
            Keyword::Copy => {
                let from = flag(instruction, "from").and_then(|flag| flag.value.as_ref());
                if from.is_some_and(|from| find(&stages, from.text())) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

impl Feature {
    fn of(&self, builder: Builder) -> Has {
        match builder {
            Builder::Classic => self.classic,
            Builder::Kaniko => self.kaniko,
            Builder::Buildah => self.buildah,
            Builder::Buildkit => Always,
        }
    }

    fn is_in(&self, dockerfile: &Dockerfile) -> bool {
        match self.is_used {
            By(is_used) => dockerfile
                .instructions()
                .iter()
                .any(|i| is_used(i) || i.deferred.as_deref().is_some_and(is_used)),
            Across(is_used) => is_used(dockerfile),
        }
    }
}

/// What a Dockerfile asks of a builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The oldest builder that builds it as it is meant.
    pub oldest: Builder,
    /// What the next older one lacks.
    because: Vec<&'static str>,
    /// The versions that builders must have, where an older one is not enough.
    since: Vec<(Builder, &'static str)>,
}

impl Demand {
    /// Of a Dockerfile.
    pub fn of(dockerfile: &Dockerfile) -> Self {
        let used: Vec<&Feature> = FEATURES.iter().filter(|feature| feature.is_in(dockerfile)).collect();
        let lacks = |builder: Builder| used.iter().filter(move |feature| feature.of(builder) == Never);
        let oldest = Builder::ALL.into_iter().find(|builder| lacks(*builder).next().is_none());
        let oldest = oldest.unwrap_or(Builder::Buildkit);
        let older = Builder::ALL.into_iter().rfind(|builder| *builder < oldest);
        let because = older.map_or(Vec::new(), |older| lacks(older).map(|feature| feature.name).collect());
        let version = |builder: Builder| {
            let versions = used.iter().filter_map(|feature| match feature.of(builder) {
                Since(version) => Some(version),
                _ => None,
            });
            versions.max_by(|a, b| compare_versions(a, b)).map(|version| (builder, version))
        };
        let since =
            Builder::ALL.into_iter().filter(|builder| *builder >= oldest).filter_map(version).collect();
        Self { oldest, because, since }
    }

    /// For the line below a patch: `builds with buildah (from 1.24.0 on) and BuildKit, for RUN --mount`.
    pub fn in_words(&self) -> String {
        let version = |builder: Builder| self.since.iter().find(|(other, _)| *other == builder);
        if self.oldest == Builder::Classic {
            let needed: Vec<String> =
                self.since.iter().map(|(b, version)| format!("{} from {version} on", b.name())).collect();
            let needed = if needed.is_empty() { String::new() } else { format!(" ({})", needed.join(", ")) };
            return format!("builds with any builder{needed}");
        }
        let names: Vec<String> = Builder::ALL
            .into_iter()
            .filter(|builder| *builder >= self.oldest)
            .map(|builder| match version(builder) {
                Some((_, version)) => format!("{} (from {version} on)", builder.name()),
                None => builder.name().to_owned(),
            })
            .collect();
        let names = match names.as_slice() {
            [only] => format!("{only} only"),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
            [] => String::new(),
        };
        format!("builds with {names}, for {}", self.because.join(", "))
    }
}

/// What the Dockerfile uses and the builder lacks.
pub fn lacking(builder: Builder, dockerfile: &Dockerfile) -> Vec<&'static str> {
    let lacked = FEATURES.iter().filter(|feature| feature.of(builder) == Never);
    lacked.filter(|feature| feature.is_in(dockerfile)).map(|feature| feature.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Dockerfile {
        Dockerfile::parse(std::sync::Arc::<[u8]>::from(text.as_bytes()))
    }

    #[test]
    fn what_a_file_asks_for() {
        let cases: &[(&str, &str)] = &[
            (
                "FROM a AS b\nRUN make\nFROM scratch\nCOPY --from=b --chown=1:1 /x /x\n",
                "builds with any builder",
            ),
            (
                "FROM a AS b\nFROM scratch\nCOPY --from=b / /\n",
                "builds with any builder (kaniko from 1.19.0 on)",
            ),
            (
                "FROM a\nCOPY --chmod=755 x /\n",
                "builds with kaniko (from 1.23.0 on), buildah (from 1.20.0 on) and BuildKit, for --chmod",
            ),
            (
                "FROM a\nRUN --mount=type=cache,target=/c <<EOF\nmake\nEOF\nCOPY --chmod=1 x /\n",
                "builds with buildah (from 1.33.0 on) and BuildKit, for heredocs, RUN --mount",
            ),
            ("FROM a\nRUN --security=insecure x\n", "builds with BuildKit only, for RUN --security"),
            (
                "FROM a\nRUN --mount=type=ssh --security=insecure x\n",
                "builds with BuildKit only, for RUN --security",
            ),
            (
                "FROM --platform=$BUILDPLATFORM a\nRUN x\n",
                "builds with kaniko, buildah and BuildKit, for FROM --platform=$BUILDPLATFORM",
            ),
            ("FROM --platform=linux/amd64 a\nRUN x\n", "builds with any builder"),
            (
                "FROM a\nONBUILD COPY --link x /\n",
                "builds with kaniko, buildah (from 1.41.0 on) and BuildKit, for --link",
            ),
            (
                "FROM a AS b\nRUN setcap cap_net_raw+ep /x\nFROM b AS c\nFROM scratch\nCOPY --from=c /x /x\n",
                "builds with buildah (from 1.22.0 on) and BuildKit, for file capabilities that go from stage to stage",
            ),
            (
                "FROM a AS b\nRUN rm -rf \\\n /usr/sbin/setcap \\\n /bin/sh\nFROM scratch\nCOPY --from=b /x /x\n",
                "builds with any builder",
            ),
            (
                "FROM a AS b\nRUN make\nFROM a\nCOPY --from=0 /x /x\nRUN setcap cap_net_raw+ep /x\n",
                "builds with any builder",
            ),
            ("FROM a\nRUN echo '<<EOF' --mount\nCOPY . /\n", "builds with any builder"),
        ];
        for (text, words) in cases {
            assert_eq!(Demand::of(&parse(text)).in_words(), *words, "{text}");
        }
    }

    #[test]
    fn what_a_builder_lacks() {
        let file = parse("FROM a\nRUN --mount=type=cache,target=/c x\nCOPY --link --chmod=1 x /\n");
        assert_eq!(lacking(Builder::Classic, &file), ["RUN --mount", "--chmod", "--link"]);
        assert_eq!(lacking(Builder::Kaniko, &file), ["RUN --mount"]);
        assert!(lacking(Builder::Buildah, &file).is_empty());
    }

    #[test]
    fn the_order_is_one() {
        for feature in FEATURES {
            let lacks: Vec<bool> = Builder::ALL.iter().map(|b| feature.of(*b) == Never).collect();
            assert!(lacks.is_sorted_by(|a, b| a >= b), "{}: a newer builder lacks it", feature.name);
        }
    }
}
