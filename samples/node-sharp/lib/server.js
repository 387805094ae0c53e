import http from 'node:http';
import { logo, thumbnail } from './pictures.js';

const port = Number(process.env.PORT ?? 8080);

async function answer(request) {
  const url = new URL(request.url, 'http://localhost');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /healthz':
      return { status: 200, type: 'text/plain', body: 'ok\n' };
    case 'GET /logo.info':
      return { status: 200, type: 'application/json', body: JSON.stringify(await logo()) };
    case 'POST /thumbnail': {
      const width = Number(url.searchParams.get('width') ?? 200);
      const chunks = await Array.fromAsync(request);
      return { status: 200, type: 'image/webp', body: await thumbnail(Buffer.concat(chunks), width) };
    }
    default:
      return { status: 404, type: 'text/plain', body: 'not found\n' };
  }
}

const server = http.createServer(async (request, response) => {
  const { status, type, body } = await answer(request).catch((error) => ({
    status: 422,
    type: 'text/plain',
    body: `${error.message}\n`,
  }));
  response.writeHead(status, { 'content-type': type });
  response.end(body);
});

server.listen(port, () => console.log(`thumbnails on ${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
