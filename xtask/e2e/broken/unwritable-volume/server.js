const fs = require('node:fs');
const http = require('node:http');

// Counts visitors in a file beside the code.
http
  .createServer((request, response) => {
    try {
      fs.appendFileSync('data/visits', 'x');
      response.end(`${fs.statSync('data/visits').size} visits\n`);
    } catch (error) {
      response.writeHead(500).end(`${error.code}\n`);
    }
  })
  .listen(3000);
