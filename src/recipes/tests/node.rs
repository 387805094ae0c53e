//! Node.js applications.

use super::{Case, PACKAGE, SERVER};

pub(super) const CASES: [Case; 18] = [
    Case {
        what: "an owner that COPY gives is there before WORKDIR makes the folder",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nUSER node\nWORKDIR /app\nCOPY --chown=node:node . .\nRUN npm install\nCMD [\"node\", \"server.js\"]\n",
            ),
            SERVER,
        ],
        says: &["COPY --from=build --chown=1000:1000 /app /app", "WORKDIR /app"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "npm 6 does not know --omit",
        files: &[
            (
                "Dockerfile",
                "FROM node:12-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD [\"node\", \"server.js\"]\n",
            ),
            PACKAGE,
            SERVER,
        ],
        says: &["RUN npm install --production", "FROM scratch", "CMD [\"node\", \"server.js\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a service that starts node by name finds it",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"),
            SERVER,
            (
                "compose.yaml",
                "services:\n  web:\n    build: .\n  worker:\n    build: .\n    command: node worker.js\n",
            ),
        ],
        says: &[
            "ENV PATH=/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "ENTRYPOINT []",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a check's variables are read when it runs, in JavaScript",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nHEALTHCHECK CMD curl -f http://localhost:${PORT:-80}/ || exit 1\nCMD [\"node\", \"server.js\"]\n",
            ),
            SERVER,
        ],
        says: &[
            "HEALTHCHECK CMD [\"/nodejs/bin/node\", \"-e\", \"fetch(`http://localhost:${process.env.PORT||'80'}/`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a user by number keeps its group",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nRUN groupadd -g 2000 web && useradd -u 2001 -g web app\nWORKDIR /app\nCOPY . .\nUSER 2001\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
        ],
        says: &["USER 2001:2000"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a user nobody made has the group it had",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nUSER 4000\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
        ],
        says: &["USER 4000"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "options behind -- are the script's",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\", \"--\", \"--port\", \"3000\"]\n",
            ),
            ("server.js", ""),
            ("package.json", "{\"scripts\": {\"start\": \"node server.js\"}}"),
        ],
        says: &["CMD [\"server.js\", \"--port\", \"3000\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a workspace by its path",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\", \"-w\", \"packages/a\"]\n",
            ),
            ("packages/a/a.js", ""),
            ("package.json", "{\"workspaces\": [\"packages/*\"]}"),
            ("packages/a/package.json", "{\"name\": \"@x/a\", \"scripts\": {\"start\": \"node a.js\"}}"),
        ],
        says: &["WORKDIR /app/packages/a", "CMD [\"a.js\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a workspace of yarn by its name",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD yarn workspace @x/a run start\n",
            ),
            ("packages/a/a.js", ""),
            ("package.json", "{\"workspaces\": [\"packages/*\"]}"),
            ("packages/a/package.json", "{\"name\": \"@x/a\", \"scripts\": {\"start\": \"node a.js\"}}"),
        ],
        says: &["WORKDIR /app/packages/a", "CMD [\"a.js\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a workspace that is not there",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"pnpm\", \"--filter\", \"@x/b\", \"start\"]\n",
            ),
            ("package.json", "{}"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("workspace @x/b"),
    },
    Case {
        what: "a build at every start",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\"]\n"),
            ("package.json", "{\"scripts\": {\"start\": \"npm run build && node a.js\"}}"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some(
            "builds at every start (`npm run build`): do that in a RUN, and start with `node a.js` alone",
        ),
    },
    Case {
        what: "a migration at every start",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\"]\n"),
            ("package.json", "{\"scripts\": {\"start\": \"prisma migrate deploy && node a.js\"}}"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("runs `prisma migrate deploy` before the application at every start"),
    },
    Case {
        what: "NODE_ENV set behind the installation does not keep its development dependencies out",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nENV NODE_ENV=production\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("server.js", ""),
            ("package.json", "{\"devDependencies\": {\"typescript\": \"5\"}}"),
        ],
        says: &["RUN npm prune --omit=dev"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "Node.js gets the value that the image sets",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nENV PORT=80\nCMD node server.js --port $PORT\n",
            ),
            ("server.js", ""),
        ],
        says: &["CMD [\"server.js\", \"--port\", \"80\"]"],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "unless somebody sets another one",
        files: &[
            (
                "Dockerfile",
                "FROM node:22\nWORKDIR /app\nCOPY . .\nENV PORT=80\nCMD node server.js --port $PORT\n",
            ),
            ("server.js", ""),
            ("compose.yaml", "services: {web: {build: ., environment: {PORT: 81}}}\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("a shell for $PORT, which only the run sets"),
    },
    Case {
        what: "or nobody does",
        files: &[
            ("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD node server.js --port $PORT\n"),
            ("server.js", ""),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("a shell for $PORT, which only the run sets"),
    },
    Case {
        what: "a stage that only collects changes its base where it stands",
        files: &[
            (
                "Dockerfile",
                "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:22-slim\nWORKDIR /app\nCOPY --from=build --chown=node:node /app ./\nUSER node\nCMD [\"node\", \"server.js\"]\n",
            ),
            SERVER,
        ],
        says: &[
            "FROM node:22 AS build",
            "FROM gcr.io/distroless/nodejs22-debian13:nonroot",
            "COPY --from=build --chown=1000:1000 /app ./",
            "USER 1000:1000",
            "CMD [\"server.js\"]",
        ],
        lacks: &[],
        blocked: None,
    },
    Case {
        what: "a database somewhere, and a folder of the host that root writes to",
        files: &[
            (
                "Dockerfile",
                "FROM node:22-slim\nWORKDIR /app\nCOPY package.json server.js ./\nRUN npm install --omit=dev\nCMD [\"node\", \"server.js\"]\n",
            ),
            ("package.json", "{\"dependencies\": {\"better-sqlite3\": \"12\"}}"),
            (
                "server.js",
                "const Database = require('better-sqlite3')\nconst path = require('path')\nconst db = new Database(path.resolve(process.env.DATA_DIR, 'a.sqlite'))\n",
            ),
            ("compose.yaml", "services:\n  a:\n    build: .\n    volumes:\n      - ./data:/data\n"),
        ],
        says: &[],
        lacks: &[],
        blocked: Some("opens a database with better-sqlite3, which may lie in /data"),
    },
];
