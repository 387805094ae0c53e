const fs = require('node:fs');
const path = require('node:path');
const bcrypt = require('bcrypt');

const rounds = 10;

/** Hashes of tokens by name, kept in a file. */
class Store {
  constructor(dir) {
    this.file = path.join(dir, 'tokens.json');
    this.hashes = fs.existsSync(this.file) ? JSON.parse(fs.readFileSync(this.file, 'utf8')) : {};
  }

  names() {
    return Object.keys(this.hashes).sort();
  }

  async set(name, token) {
    this.hashes[name] = await bcrypt.hash(token, rounds);
    fs.writeFileSync(this.file, JSON.stringify(this.hashes));
  }

  async verify(name, token) {
    return Object.hasOwn(this.hashes, name) && bcrypt.compare(token, this.hashes[name]);
  }
}

module.exports = { Store };
