import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { entries } from './feed.js';

const port = Number(process.env.PORT ?? 3000);
const feed = process.env.FEED_URL;
const sample = new URL('../feeds/sample.xml', import.meta.url);

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

const server = createServer(async (req, res) => {
  try {
    if (req.url === '/livez') {
      json(res, 200, { live: true });
    } else if (req.url === '/entries') {
      const xml = feed ? await (await fetch(feed)).text() : await readFile(sample, 'utf8');
      json(res, 200, entries(xml));
    } else {
      json(res, 404, { error: 'not found' });
    }
  } catch (error) {
    json(res, 502, { error: String(error) });
  }
});

server.listen(port, () => console.log(`feed-reader on port ${port}`));
process.once('SIGTERM', () => server.close());
