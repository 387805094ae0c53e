import Fastify from 'fastify';
import { Links } from './links.js';

const app = Fastify({ logger: true });
const links = new Links();

links.add('https://example.com/', 'example');

app.get('/healthz', async () => ({ status: 'ok' }));

app.post('/links', {
  schema: {
    body: {
      type: 'object',
      required: ['url'],
      properties: { url: { type: 'string' }, slug: { type: 'string' } },
    },
  },
}, async (request, reply) => {
  const { url, slug } = request.body;
  reply.code(201);
  return { slug: links.add(url, slug), url };
});

app.get('/:slug', async (request, reply) => {
  const url = links.get(request.params.slug);
  if (!url) {
    return reply.code(404).send({ error: 'unknown link' });
  }
  return reply.redirect(url);
});

app.get('/', async () => links.all());

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => app.close().then(() => process.exit(0)));
}

await app.listen({ host: '0.0.0.0', port: Number(process.env.PORT ?? 8080) });
