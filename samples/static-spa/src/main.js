const stops = await (await fetch('/stops.json')).json();

const item = ({ name, lines }) => `<li><b>${name}</b> ${lines.join(', ')}</li>`;
document.querySelector('#app').innerHTML = `<ul>${stops.map(item).join('')}</ul><p>${APP_VERSION}</p>`;
