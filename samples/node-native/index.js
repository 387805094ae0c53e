const http = require('node:http');
const path = require('node:path');
const Database = require('better-sqlite3');

const dir = process.env.DATA_DIR || '/data';
const db = new Database(path.join(dir, 'counters.db'));
db.pragma('journal_mode = WAL');
db.exec('CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, hits INTEGER NOT NULL)');

const hit = db.prepare(`
  INSERT INTO counters VALUES (?, 1)
  ON CONFLICT (name) DO UPDATE SET hits = hits + 1
  RETURNING hits`);
const all = db.prepare('SELECT name, hits FROM counters ORDER BY hits DESC LIMIT 100');

const server = http.createServer((req, res) => {
  const counter = /^\/hit\/([a-z0-9-]{1,40})$/.exec(req.url);
  if (counter) {
    res.end(String(hit.get(counter[1]).hits));
  } else if (req.url === '/') {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(all.all()));
  } else {
    res.statusCode = 404;
    res.end();
  }
});

server.listen(process.env.PORT || 3000, () => console.log(`counters in ${dir}`));

process.on('SIGTERM', () => server.close(() => db.close()));
