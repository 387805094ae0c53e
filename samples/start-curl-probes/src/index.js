import http from 'node:http';
import { writeFileSync } from 'node:fs';
import { nextTide } from './tides.js';

const started = Date.now();

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname === '/healthz') return answer(response, 200, { up: Math.round((Date.now() - started) / 1000) });
  if (pathname === '/readyz') return answer(response, 200, { ready: true });
  if (pathname === '/tide') return answer(response, 200, nextTide(new Date()));
  answer(response, 404, { error: 'not found' });
});

server.listen(Number(process.env.PORT), () => {
  // The startup probe looks for this file.
  writeFileSync('/tmp/started', String(process.pid));
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
