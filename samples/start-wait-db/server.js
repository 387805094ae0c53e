const http = require('node:http');
const net = require('node:net');
const { Pool } = require('pg');

const host = process.env.DB_HOST || 'localhost';
const port = Number(process.env.DB_PORT || 5432);
const pool = new Pool({
  host,
  port,
  user: process.env.DB_USER || 'loans',
  password: process.env.DB_PASSWORD,
  database: process.env.DB_NAME || 'loans',
  connectionTimeoutMillis: 2000,
});
pool.on('error', (error) => console.error('idle client', error.message));

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const server = http.createServer(async (request, response) => {
  if (request.url === '/healthz') return send(response, 200, { status: 'ok', database: host });
  if (request.url === '/loans') {
    try {
      const { rows } = await pool.query('SELECT tool, borrower FROM loans ORDER BY tool');
      return send(response, 200, rows);
    } catch (error) {
      return send(response, 503, { error: error.message });
    }
  }
  send(response, 404, { error: 'not found' });
});

// Better to stop at once than to answer every request with an error.
const probe = net.connect({ host, port, timeout: 2000 });
probe.once('connect', () => {
  probe.destroy();
  server.listen(process.env.PORT || 3000, () => console.log('loans is listening'));
});
probe.once('error', (error) => {
  console.error(`no database: ${error.message}`);
  process.exit(1);
});

process.on('SIGTERM', () => server.close(() => pool.end()));
