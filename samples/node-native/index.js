const crypto = require('node:crypto');
const http = require('node:http');
const { Store } = require('./store');

const store = new Store(process.env.DATA_DIR || '/data');

async function answer(method, url) {
  const [, verb, name, token] = /^\/([a-z]+)(?:\/(\w+))?(?:\/([\w-]+))?$/.exec(url) ?? [];
  if (method === 'GET' && verb === 'names') {
    return [200, store.names()];
  }
  if (method === 'POST' && verb === 'issue' && name) {
    const issued = crypto.randomUUID();
    await store.set(name, issued);
    return [201, { name, token: issued }];
  }
  if (method === 'GET' && verb === 'verify' && name && token) {
    return [200, { valid: await store.verify(name, token) }];
  }
  return [404, { error: 'not found' }];
}

const server = http.createServer(async (req, res) => {
  const [status, body] = await answer(req.method, req.url).catch((error) => [500, { error: error.message }]);
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
});

process.on('SIGTERM', () => server.close());

store.set('demo', 'open-sesame').then(() => {
  server.listen(process.env.PORT || 3000, () => console.log('tokens in', store.file));
});
