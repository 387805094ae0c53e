export const recipes = [
  { name: 'Pea soup', ingredients: ['peas', 'onion', 'mint'] },
  { name: 'Flat bread', ingredients: ['flour', 'water', 'salt'] },
  { name: 'Onion tart', ingredients: ['flour', 'onion', 'cream'] },
];

export function using(ingredient) {
  return recipes.filter((recipe) => recipe.ingredients.some((name) => name.startsWith(ingredient)));
}
