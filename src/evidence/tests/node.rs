use super::super::Language::Node;
use super::{check, shown};

#[test]
fn starts() {
    check(
        "src/app.ts",
        Node,
        &[
            ("const { exec } = require('child_process'); exec('git status')", &["sh: git"]),
            ("const cp = require(\"node:child_process\")\ncp.execSync(`convert ${a} b`)", &["sh: convert"]),
            ("import cp from 'node:child_process'; cp.spawn('ffmpeg', ['-i', x])", &["ffmpeg"]),
            ("import * as cp from 'child_process'; cp.spawnSync('a', [], { shell: true })", &["sh: a"]),
            ("import { spawn as start, type ChildProcess } from 'child_process'; start(\"curl\")", &["curl"]),
            (
                "import { execFile } from 'child_process';\nexecFile(\n  'pdftotext',\n  [p],\n)",
                &["pdftotext"],
            ),
            (
                "require('child_process').exec('rm -rf x && cd y; FOO=1 git pull | tee log', cb)",
                &["sh: rm", "sh: git", "sh: tee"],
            ),
            ("const exec = util.promisify(require('child_process').exec); await exec('ls')", &["sh: ls"]),
            ("import { exec } from 'child_process'; const run = promisify(exec); run('ls')", &["sh: ls"]),
            ("import { exec } from 'child_process'; const run = promisify(exec)", &["sh: ?"]),
            ("import { exec } from 'child_process'; export const run = promisify(exec)", &["sh: ?"]),
            (
                "const { promisify } = require('util'), { exec } = require('child_process'); later(exec)",
                &["sh: ?"],
            ),
            ("const { exec: run } = await import('child_process'); run('who')", &["sh: who"]),
            ("import cp from 'child_process'; const { spawn } = cp; spawn(program)", &["?"]),
            ("import execa from 'execa'; execa('git', ['log'])", &["git"]),
            ("import { execa, $ } from 'execa'; await $`npm run ${x}`", &["npm"]),
            ("import { $ } from 'zx'; await $`tar x`; await $({ cwd })`date`", &["sh: tar", "sh: date"]),
            ("const spawn = require('cross-spawn'); spawn.sync('npm')", &["npm"]),
            ("const shell = require('shelljs'); shell.cp('a', 'b'); shell.exec('make')", &["sh: make"]),
            ("import simpleGit from 'simple-git'", &["git"]),
            ("import ffmpeg from 'fluent-ffmpeg'", &["ffmpeg"]),
            ("import ffmpeg from 'fluent-ffmpeg'; import path from 'ffmpeg-static'", &[]),
            ("const puppeteer = require('puppeteer')", &["chrome"]),
            // Values.
            ("import cp from 'child_process'; const P = 'a'; function f() { cp.spawn(P) }", &["a"]),
            ("import cp from 'child_process'; const P = 'a'; function f(P) { cp.spawn(P) }", &["?"]),
            ("import cp from 'child_process'; cp.spawn(process.env.FFMPEG || 'ffmpeg')", &["ffmpeg"]),
            ("import cp from 'child_process'; cp.spawn(old ? 'a' : 'b')", &["a", "b"]),
            ("import cp from 'child_process'; let c = 'a'; if (x) { c = 'b' } cp.spawn(c)", &["a", "b"]),
            ("import cp from 'child_process'; let c = 'a'; c = 'b'; cp.spawn(c)", &["b"]),
            ("import cp from 'child_process'; cp.exec(base + ' log')", &["sh: ?"]),
            ("import cp from 'child_process'; cp.exec('git ' + command)", &["sh: git"]),
            ("import cp from 'child_process'; cp.exec('echo hello')", &["sh: sh"]),
            ("import cp from 'child_process'; cp.spawn('bash', ['-c', 'jq . x'])", &["sh: bash", "sh: jq"]),
            ("import cp from 'child_process'; cp.spawn(path.join(__dirname, 'tool'))", &["?"]),
            (
                "import cp from 'child_process'; import path from 'path'; cp.spawn(path.join(__dirname, '../tool'))",
                &["tool"],
            ),
            ("import cp from 'child_process'; cp.spawn(`${f(`a ${'`'}`)}`); cp.spawn('b')", &["?", "b"]),
            ("const re = /['\"`]/g, cp = require('child_process'); cp.spawn('a')", &["a"]),
            ("const q = a / b; cp = require('child_process'); cp.spawn('a') / 2", &["a"]),
            ("const a = <p>Don't</p>\nimport cp from 'child_process'; cp.spawn('a')", &["a"]),
        ],
    );
}

#[test]
fn starts_nothing() {
    let nothing: &[&str] = &[];
    let texts = [
        "const m = /exec/.exec('git status'); re.exec(text); /a\\/exec(/.exec(b)",
        "db.exec('DELETE FROM a'); await User.find().exec(); model.exec(cb); cursor.execute('ls')",
        "// require('child_process').exec('ls')\n/* import cp from 'child_process'; cp.exec('ls') */",
        "const text = \"require('child_process').exec('ls')\", other = `child_process.exec('ls')`",
        "function spawn(a) { return a }\nspawn('git'); class A { exec(b) { this.exec('c') } }",
        "import type { ChildProcess } from 'child_process'; let a: ChildProcess; a.exec('ls')",
        "import { type ChildProcess } from 'child_process'",
        "import { exec } from './process'; exec('ls')",
        "import { spawn } from 'child_process'; let x: ReturnType<typeof spawn>; const y = { spawn: 1 }",
        "import { exec } from 'child_process'; class A { exec(command: string): void {} }",
        "const { fork } = require('child_process'); fork('./worker.js')",
        "require('child_process').spawn(process.execPath, ['a.js']); cp.spawn(process.argv[0])",
        "import { exec } from 'child_process'; exec('powershell -c x'); execFile('tool.exe')",
        "import fs from 'fs'; fs.exec('ls')",
        "import { setTimeout } from 'timers/promises'; const isomorphic = require('isomorphic-git')",
    ];
    for text in texts {
        check("app.ts", Node, &[(text, nothing)]);
    }
}

#[test]
fn files_and_ports() {
    check(
        "src/app.js",
        Node,
        &[
            ("const fs = require('fs'); fs.writeFileSync('./data.json', x)", &["> ./data.json"]),
            (
                "import { mkdir } from 'fs/promises'; await mkdir('/var/lib/app', { recursive: true })",
                &["> /var/lib/app"],
            ),
            ("import fs from 'fs-extra'; fs.ensureDir(path.join('a', 'b'))", &["> ?"]),
            (
                "import fs from 'fs-extra'; import path from 'path'; fs.ensureDir(path.join(__dirname, '..', 'up'))",
                &["> up"],
            ),
            (
                "import { join } from 'path'; fs = require('fs'); fs.createWriteStream(join('log', name))",
                &["> log/"],
            ),
            (
                "const fs = require('fs'); const D = process.env.DATA || 'data'; fs.mkdirSync(`${D}/x`)",
                &["> data/x"],
            ),
            ("const fs = require('fs'), os = require('os'); fs.mkdirSync(os.tmpdir() + '/x')", &[]),
            (
                "const fs = require('fs'); fs.writeFileSync('/tmp/x', ''); fs.writeFile('/dev/stdout', '')",
                &[],
            ),
            ("const fs = require('fs'); fs.writeFileSync(file, '')", &["> ?"]),
            ("const fs = require('fs').promises; fs.copyFile('a', 'b'); fs.open('c', 'r+')", &["> b", "> c"]),
            ("const multer = require('multer'); multer({ limits: {}, dest: 'uploads/' })", &["> uploads/"]),
            (
                "const sqlite3 = require('sqlite3').verbose(); new sqlite3.Database('./app.db')",
                &["> ./app.db"],
            ),
            ("const sqlite3 = require('sqlite3'); new sqlite3.Database(':memory:')", &[]),
            ("import Database from 'better-sqlite3'; new Database('app.db')", &["> app.db"]),
            ("import fs from 'fs'; fs.readFileSync(new URL('./a.html', import.meta.url))", &["< src/a.html"]),
            ("const express = require('express'); app.use(express.static('public'))", &["< public"]),
            ("app.listen(80, () => {})", &["port"]),
            ("const port = process.env.PORT || 443; app.listen(port)", &["port"]),
            (
                "server.listen({ host: '::', port: 22 }); app.listen(8080); app.listen(0); bus.listen('80x')",
                &["port"],
            ),
        ],
    );
}

#[test]
fn imports_are_packages() {
    let text = "import a from 'node:fs/promises'; import '@scope/b/c'; require('d/e'); import f from './f';
        import type { G } from 'g'; const h = await import('h'); export * from 'i'; import j = require('j');
        import '@/k'; import '~/l'; import '#m'; // require('n')
        const o = \"require('o')\"; import p, { q } from 'p'; import.meta.env; x.require('r')";
    let imports = shown(&[("a.ts", text)], Node).1.imports;
    let names: Vec<_> = imports.iter().map(String::as_str).collect();
    assert_eq!(names, ["@scope/b", "d", "fs", "h", "i", "j", "p"]);
}
