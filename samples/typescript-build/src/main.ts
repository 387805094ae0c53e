import express, { Request, Response } from 'express';
import { convert, isUnit } from './units';

const app = express();
const port = Number(process.env.PORT);

app.get('/status', (_req: Request, res: Response) => {
  res.json({ up: true, uptime: Math.round(process.uptime()) });
});

app.get('/convert/:value/:from/:to', (req: Request, res: Response) => {
  const { value, from, to } = req.params;
  const number = Number(value);
  if (Number.isNaN(number) || !isUnit(from) || !isUnit(to)) {
    res.status(400).json({ error: 'expected /convert/<number>/<unit>/<unit>' });
    return;
  }
  res.json({ value: convert(number, from, to), unit: to });
});

const server = app.listen(port, () => console.log(`converter on port ${port}`));

process.on('SIGTERM', () => server.close());
