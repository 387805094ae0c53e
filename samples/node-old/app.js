const express = require('express');
const fs = require('fs');
const path = require('path');

const file = path.join(__dirname, 'data', 'entries.json');
const app = express();

app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, 'views'));
app.use(express.urlencoded({ extended: false }));

function load() {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : [];
}

function add(entry) {
  fs.writeFileSync(file, JSON.stringify([...load(), entry], null, 2));
}

add({ name: 'guestbook', text: 'The book is open' });

app.get('/', (req, res) => {
  res.render('index', { entries: load() });
});

app.post('/entries', (req, res) => {
  add({ name: String(req.body.name || 'anonymous'), text: String(req.body.text || '') });
  res.redirect('/');
});

module.exports = app;
