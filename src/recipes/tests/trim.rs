//! Packages that leave install lines, and those that must not.

use super::Case;

pub(super) const CASES: [Case; 9] = [
    Case {
        what: "a tool leaves its line, wherever it stands in it",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apt-get update && apt-get install -y vim \\\n    libpq5 \\\n    # to look around\n    strace \\\n    htop && rm -rf /var/lib/apt/lists/*\nENTRYPOINT [\"/app\"]\n",
        )],
        says: &["RUN apt-get update && apt-get install -y \\", "    libpq5 && rm -rf /var/lib/apt/lists/*"],
        lacks: &["vim", "strace", "htop", "look around"],
        blocked: None,
    },
    Case {
        what: "an instruction of which nothing is left goes with its comment",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\n\n# Handy.\nRUN apt-get update && apt-get install -y vim nano\n\nENTRYPOINT [\"/app\"]\n",
        )],
        says: &["ENTRYPOINT [\"/app\"]"],
        lacks: &["RUN", "Handy"],
        blocked: None,
    },
    Case {
        what: "one that a later RUN uses stays",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apt-get update && apt-get install -y curl libpq5\nRUN curl -o /x http://example.com/x\nENTRYPOINT [\"/app\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("is not known: describe it"),
    },
    Case {
        what: "one that a program nobody read may use stays",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apt-get update && apt-get install -y --no-install-recommends wget libpq5\nRUN ./install.sh\nENTRYPOINT [\"nginx\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("is not known: describe it"),
    },
    Case {
        what: "a client that nothing calls goes",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apk add --no-cache wget libpq\nENTRYPOINT [\"nginx\"]\n",
        )],
        says: &["RUN apk add --no-cache libpq"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "certificates that come with a client do not go with it",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apt-get update && apt-get install -y wget libpq5\nENTRYPOINT [\"nginx\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("is not known: describe it"),
    },
    Case {
        what: "what the health check calls stays",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apk add --no-cache curl libpq vim\nHEALTHCHECK CMD curl -f http://localhost\nENTRYPOINT [\"nginx\"]\n",
        )],
        says: &["RUN apk add --no-cache curl libpq"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "an image for people keeps what people want",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nRUN apk add --no-cache vim libpq\nCMD [\"bash\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("there is no application to keep"),
    },
    Case {
        what: "an argument that names packages is not cut",
        files: &[(
            "Dockerfile",
            "FROM example.com/base:1\nARG TOOLS=\"vim nano\"\nRUN apk add $TOOLS libpq\nENTRYPOINT [\"nginx\"]\n",
        )],
        says: &[],
        lacks: &[],
        blocked: Some("is not known: describe it"),
    },
];
