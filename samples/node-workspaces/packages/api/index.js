const fs = require('node:fs');
const express = require('express');
const { gross } = require('@shop/pricing');

const articles = JSON.parse(fs.readFileSync('articles.json', 'utf8'));
const rate = process.env.TAX_RATE ?? '0.2';
const app = express();

app.get('/healthz', (req, res) => res.send('ok'));

app.get('/articles', (req, res) => {
  res.json(articles.map((article) => ({ ...article, gross: gross(article.net, rate) })));
});

app.listen(process.env.PORT ?? 3000, (error) => {
  if (error) throw error;
  console.log('shop api is up');
});
