const express = require('express');

const app = express();
const port = process.env.PORT || 3000;
const notes = new Map([[1, { id: 1, text: 'water the plants' }]]);

app.use(express.json());

app.get('/health', (req, res) => {
  res.send('ok');
});

app.get('/notes', (req, res) => {
  res.json([...notes.values()]);
});

app.post('/notes', (req, res) => {
  const text = req.body?.text;
  if (typeof text !== 'string' || text === '') {
    res.status(400).json({ error: 'text is required' });
    return;
  }
  const id = Math.max(0, ...notes.keys()) + 1;
  notes.set(id, { id, text });
  res.status(201).json(notes.get(id));
});

app.delete('/notes/:id', (req, res) => {
  res.sendStatus(notes.delete(Number(req.params.id)) ? 204 : 404);
});

app.listen(port, () => {
  console.log(`listening on ${port}`);
});
