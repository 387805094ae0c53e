//! Python applications.

use super::Case;

pub(super) const CASES: [Case; 15] = [
    Case {
        what: "files go to the application's folder, whatever WORKDIR is at the end",
        files: &[
            (
                "Dockerfile",
                "FROM python:3-slim\nCOPY . /srv/app\nWORKDIR /srv/app\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /srv/app /srv/app"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "and in Python",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nWORKDIR /app\nCOPY . .\nHEALTHCHECK CMD curl -f http://localhost:$PORT/ || exit 1\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "HEALTHCHECK CMD [\"/usr/local/bin/python3\", \"-c\", \"import os, urllib.request; urllib.request.urlopen('http://localhost:' + os.environ['PORT'] + '/', timeout=5)\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a list of requirements in / stays behind",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nWORKDIR /app\nCOPY . ./\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("requirements.txt", ""),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /app /app"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "another image over / cannot be told from the system",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCOPY --from=example/tools / /\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("puts files into /"),
    },
    Case {
        what: "pip of another user fills that user's home",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nRUN useradd app\nWORKDIR /app\nCOPY . .\nUSER app\nRUN pip install flask\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("that user's home"),
    },
    Case {
        what: "a program from elsewhere is no Python",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12\nWORKDIR /app\nCOPY --from=example/boot /opt/boot /opt/boot\nCOPY . .\nENTRYPOINT [\"/opt/boot\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("no Python program"),
    },
    Case {
        what: "an interactive interpreter is no application",
        files: &[
            ("Dockerfile", "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD [\"python3\"]\n"),
            ("a.py", ""),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("interactive prompt"),
    },
    Case {
        what: "pip goes out of environments, too",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nRUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nWORKDIR /app\nCOPY . .\nRUN pip install flask\nCMD [\"flask\", \"run\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /opt/venv /opt/venv", "CMD [\"flask\", \"run\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a user of the base is known by number",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nUSER www-data\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["USER 33:33"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a program of an environment that is not on PATH",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nRUN python -m venv /opt/app\nWORKDIR /srv\nCOPY . .\nRUN /opt/app/bin/pip install flask\nCMD [\"/opt/app/bin/flask\", \"run\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &["COPY --from=build /opt/app /opt/app", "CMD [\"/opt/app/bin/flask\", \"run\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "pip stays behind where the base brings the interpreter",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.13-slim\nWORKDIR /srv\nCOPY . .\nRUN pip install flask\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "RUN rm -rf /usr/local/lib/python3.13/site-packages/pip /usr/local/lib/python3.13/site-packages/pip-*",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Python reads the variables of a command at start",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nENV PORT=80\nCMD uvicorn a:app --port ${PORT} --host ${HOST:-0.0.0.0}\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "CMD [\"python\", \"-c\", \"import os; os.execvp('uvicorn', ['uvicorn', 'a:app', '--port', os.environ['PORT'], '--host', (os.environ.get('HOST') or '0.0.0.0')])\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a locale that is named comes along",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nENV PORT=80\nENV LANG=C.UTF-8\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "    mkdir -p /closure/usr/lib/locale; cp -R /usr/lib/locale/C.* /closure/usr/lib/locale/; \\",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "uv and what is no environment stay behind",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-slim\nCOPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/uv\nENV PATH=/root/.local/bin:$PATH\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen\nCMD [\".venv/bin/python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "COPY --from=build /closure/ /",
            "COPY --from=build /usr/local/ /usr/local/",
            "COPY --from=build /app /app",
            "CMD [\".venv/bin/python\", \"a.py\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "nothing has no PATH to add to",
        files: &[
            (
                "Dockerfile",
                "FROM python:3.12-alpine\nWORKDIR /app\nCOPY . .\nENV PATH=/opt/x:$PATH\nCMD [\"python\", \"a.py\"]\n",
            ),
            ("a.py", ""),
        ],
        says: &[
            "FROM scratch",
            "ENV PATH=/opt/x:/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ],
        lacks: &[],
        blocked: None,
    },
];
