'use strict';

const http = require('node:http');

const notes = [];

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body) + '\n');
}

const server = http.createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/') {
    return answer(response, 200, { title: process.env.GREETING, mode: process.env.NODE_ENV, notes });
  }
  if (request.method === 'POST' && request.url === '/') {
    let text = '';
    request.on('data', (part) => { text += part; });
    request.on('end', () => {
      notes.push(text);
      answer(response, 201, { count: notes.length });
    });
    return undefined;
  }
  return answer(response, 404, { error: 'there is no such page' });
});

server.listen(3000, () => console.log(`${process.env.GREETING} on port 3000`));

process.on('SIGTERM', () => server.close(() => process.exit(0)));
