'use strict';

const http = require('node:http');

const feed = process.env.FEED_URL;
let items = [];

async function refresh() {
  const answer = await fetch(feed);
  if (!answer.ok) throw new Error(`${feed}: ${answer.status}`);
  items = (await answer.text()).split('\n').filter(Boolean);
}

// The first answer must be a full one.
refresh().then(() => {
  setInterval(() => refresh().catch((error) => console.error(error.message)), 60_000);
  http.createServer((request, response) => {
    const found = request.url === '/headlines';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ? { items } : { error: 'not found' }));
  }).listen(4000);
}, (error) => {
  console.error(error.message);
  process.exit(1);
});
