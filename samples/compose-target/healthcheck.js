const http = require('http');

const request = http.get({ port: process.env.PORT || 3000, path: '/healthz', timeout: 2000 }, (res) => {
  process.exit(res.statusCode === 200 ? 0 : 1);
});

request.on('timeout', () => request.destroy(new Error('timeout')));
request.on('error', () => process.exit(1));
