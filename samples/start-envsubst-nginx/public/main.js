const answer = await fetch('api/free.json');
for (const plot of await answer.json()) {
  const item = document.createElement('li');
  item.textContent = plot;
  document.querySelector('#free').append(item);
}
