const fs = require('node:fs');
const http = require('node:http');

const file = '/app/visits/count';

http
  .createServer((request, response) => {
    const count = Number(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : 0) + 1;
    fs.writeFileSync(file, String(count));
    response.end(`Visit number ${count}\n`);
  })
  .listen(3000);
