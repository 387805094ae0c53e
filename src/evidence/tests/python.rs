use super::super::Language::Python;
use super::{check, shown};

#[test]
fn starts() {
    check(
        "app/main.py",
        Python,
        &[
            ("import subprocess\nsubprocess.run(['git', 'log'])", &["git"]),
            ("import subprocess as sp\nsp.check_output('ls | wc -l', shell=True)", &["sh: ls", "sh: wc"]),
            (
                "from subprocess import Popen as P, PIPE\nP(args=('ffmpeg', '-i', x), stdout=PIPE)",
                &["ffmpeg"],
            ),
            ("from subprocess import (\n    run,  # x\n    PIPE,\n)\nrun('a')", &["a"]),
            ("from subprocess import *\ncheck_call(['a'])", &["a"]),
            ("import os\nos.system(f'convert {a} b')", &["sh: convert"]),
            ("from os import popen\npopen('curl -s ' + url).read()", &["sh: curl"]),
            ("import os\nos.execvp('nginx', ['nginx', '-g'])", &["nginx"]),
            ("import os\nos.spawnlp(os.P_WAIT, 'a', 'a')", &["a"]),
            ("import asyncio\nasync def f():\n    await asyncio.create_subprocess_exec('dot', x)", &["dot"]),
            ("import asyncio.subprocess\nasyncio.create_subprocess_shell(text)", &["sh: ?"]),
            ("loop.subprocess_exec(factory, 'a')", &["a"]),
            ("import subprocess\ncmd = ['a', b]\nsubprocess.run(cmd + c, check=True)", &["?"]),
            (
                "import subprocess\ndef f():\n    cmd = ['a', b]\n    cmd += c\n    subprocess.run(cmd)",
                &["a"],
            ),
            ("import subprocess\nCMD = ['a']\ndef f(CMD):\n    subprocess.run(CMD)", &["?"]),
            ("import subprocess\nif x:\n    c = ['a']\nelse:\n    c = ['b']\nsubprocess.run(c)", &["a", "b"]),
            ("import subprocess, shlex\nsubprocess.run(shlex.split('git log'))", &["git"]),
            ("import subprocess\nsubprocess.run('git log {}'.format(x).split())", &["git"]),
            ("import subprocess\nsubprocess.run('%s log' % x, shell=True)", &["sh: ?"]),
            ("import subprocess\nsubprocess.run(['sh', '-c', 'a && b'])", &["sh: sh", "sh: a", "sh: b"]),
            ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', x])", &["pip"]),
            ("import subprocess\nrun_it(subprocess.run)", &["?"]),
            ("import subprocess\nrun = subprocess.check_output\nrun(['a'])", &["a"]),
            (
                "import subprocess\ntry:\n    subprocess.run(['a'])\nexcept OSError: subprocess.run(['b'])",
                &["a", "b"],
            ),
            ("import subprocess\nx = f'{subprocess.check_output([\"a\"])!r:>{width}}'", &["a"]),
            ("import shutil\nshutil.which('magick')", &["magick"]),
            ("from ctypes.util import find_library\nfind_library('magic')", &["ldconfig"]),
            ("import sh\nsh.git('log')\nfrom sh import tar\ntar('x')", &["git", "tar"]),
            ("from plumbum import local\nlocal['ls']()", &["ls"]),
            ("import pexpect\npexpect.spawn('ssh a')", &["ssh"]),
            ("import git", &["git"]),
            ("from git import Repo", &["git"]),
            ("import pytesseract, pdfkit", &["wkhtmltopdf", "tesseract"]),
        ],
    );
}

#[test]
fn starts_nothing() {
    let nothing: &[&str] = &[];
    let texts = [
        "# import subprocess; subprocess.run(['a'])",
        "'''\nimport subprocess\nsubprocess.run(['a'])\n'''\n\"\"\"os.system('a')\"\"\"",
        "x = r'\\'; y = 'import os; os.system(1)' # '",
        "cursor.execute('a'); re.compile('x').exec('a'); model.run('b'); system('c')",
        "def run(cmd):\n    pass\nrun(['a'])\nclass subprocess:\n    run = None",
        "from .subprocess import run\nrun(['a'])",
        "from myapp.os import system\nsystem('a')",
        "import subprocess\ndef f(p: subprocess.Popen, q: Optional[subprocess.Popen] = None) -> subprocess.Popen: ...",
        "import subprocess\nisinstance(x, subprocess.Popen)\nexcept_ = subprocess.CalledProcessError",
        "import subprocess, sys\nsubprocess.run([sys.executable, 'worker.py'])",
        "import os\nos.environ.get('a'); os.path.join('system', 'b')",
        "import multiprocessing\nmultiprocessing.Process(target=f).start()",
    ];
    for text in texts {
        check("main.py", Python, &[(text, nothing)]);
    }
}

#[test]
fn files_and_ports() {
    check(
        "app/main.py",
        Python,
        &[
            ("open('out.txt', 'w').write(x)", &["> out.txt"]),
            ("with open(mode='ab', file='log') as f: pass", &["> log"]),
            ("open('in.txt'); open('b', encoding='w')", &["< in.txt", "< b"]),
            ("open(path, 'w')", &["> ?"]),
            (
                "from pathlib import Path\nPath('a').write_text('b'); (Path('c') / 'd').mkdir()",
                &["> a", "> c/d"],
            ),
            (
                "from pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\n(BASE / 'db').touch()",
                &["> db"],
            ),
            (
                "import os\nos.makedirs(os.path.join(os.path.dirname(__file__), 'x'), exist_ok=True)",
                &["> app/x"],
            ),
            ("import os\nD = os.environ.get('D', '/data')\nos.mkdir(os.path.join(D, name))", &["> /data/"]),
            ("import sqlite3\nsqlite3.connect('app.db'); sqlite3.connect(':memory:')", &["> app.db"]),
            ("URI = 'sqlite:///site.db?x=1'; MEMORY = 'sqlite://'; DOC = 'see sqlite:///'", &["> site.db"]),
            (
                "import os\nbase = os.path.dirname(__file__)\nURI = 'sqlite:///' + os.path.join(base, 'a.db')",
                &["> app/a.db"],
            ),
            (
                "from logging.handlers import RotatingFileHandler\nRotatingFileHandler('logs/a.log')",
                &["> logs/a.log"],
            ),
            ("import logging\nlogging.basicConfig(level=1, filename='a.log')", &["> a.log"]),
            ("app.config['UPLOAD_FOLDER'] = 'uploads'\nMEDIA_ROOT = '/media'", &["> uploads", "> /media"]),
            (
                "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}",
                &["> db.sqlite3"],
            ),
            ("import tempfile\nd = tempfile.mkdtemp()\nopen(d + '/x', 'w')", &[]),
            (
                "import os\nimport tempfile\nwith tempfile.TemporaryDirectory() as d:\n    os.mkdir('/tmp/x')",
                &[],
            ),
            ("app.run(host='0.0.0.0', port=80)", &["port"]),
            ("import uvicorn, os\nuvicorn.run('a:b', port=int(os.getenv('PORT', 443)))", &["port"]),
            ("s.bind(('', 25)); app.run(port=5000)", &["port"]),
        ],
    );
}

#[test]
fn imports_are_top_level() {
    let text = "import a.b as c, d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ntry: import k\nexcept ImportError: pass
# import l\nx = 'import m'\nyield_from = 1\ndef n():\n    import o; import p\n    yield from q\n";
    let imports = shown(&[("main.py", text)], Python).1.imports;
    assert_eq!(imports.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "d", "e", "k", "o", "p"]);
}
