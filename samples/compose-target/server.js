const Koa = require('koa');

const quotes = [
  'A smooth sea never made a skilled sailor.',
  'Any port in a storm.',
  'The tide waits for no one.',
];

const app = new Koa();
const port = process.env.PORT || 3000;

app.use(async (ctx) => {
  if (ctx.path === '/healthz') {
    ctx.body = 'ok';
  } else if (ctx.path === '/') {
    ctx.body = { quote: quotes[Math.floor(Math.random() * quotes.length)] };
  } else if (ctx.path === '/env') {
    ctx.body = { env: app.env };
  }
});

const server = app.listen(port, () => console.log(`quotes on ${port}`));

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
});
