import { using } from './recipes.js';

const search = document.querySelector('#search');
const list = document.querySelector('#list');

function show() {
  list.replaceChildren(...using(search.value.trim().toLowerCase()).map((recipe) => {
    const item = document.createElement('li');
    item.textContent = `${recipe.name} (${recipe.ingredients.join(', ')})`;
    return item;
  }));
}

search.addEventListener('input', show);
show();
