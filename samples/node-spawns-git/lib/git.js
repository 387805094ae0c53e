const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

const run = promisify(execFile);

/** Runs git in a repository and gives its output. */
async function git(dir, ...args) {
  const { stdout } = await run('git', ['-C', dir, '-c', 'safe.directory=*', ...args]);
  return stdout.trim();
}

/** The repository at dir; made there, with one commit, if there is none. */
async function open(dir) {
  const known = await git(dir, 'rev-parse', '--git-dir').catch(() => null);
  if (!known) {
    await git(dir, 'init', '--quiet', '--initial-branch=main');
    await git(dir, '-c', 'user.name=changelog', '-c', 'user.email=changelog@example.com',
      'commit', '--quiet', '--allow-empty', '--message', 'Start of the **changelog**');
  }
}

/** Subjects of the newest commits. */
async function subjects(dir, count) {
  const log = await git(dir, 'log', `--max-count=${count}`, '--pretty=format:%s');
  return log.split('\n');
}

module.exports = { open, subjects };
