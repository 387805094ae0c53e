const fs = require('node:fs');
const http = require('node:http');
const { open, subjects } = require('./lib/git');

const dir = process.env.REPOSITORY || '/srv/repository';
const port = process.env.PORT || 8080;

const server = http.createServer(async (req, res) => {
  if (req.url === '/ping') {
    res.end('pong');
    return;
  }
  try {
    const { marked } = await import('marked');
    const list = (await subjects(dir, 20)).map((subject) => `- ${subject}`).join('\n');
    res.setHeader('content-type', 'text/html');
    res.end(marked.parse(`# Changes\n\n${list}`));
  } catch (error) {
    res.statusCode = 500;
    res.end(error.message);
  }
});

fs.mkdirSync(dir, { recursive: true });
open(dir).then(() => {
  server.listen(port, () => console.log(`changelog of ${dir} on port ${port}`));
});
