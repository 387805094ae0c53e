const highest = Date.UTC(2026, 0, 1, 4, 12);
const halfCycle = (12 * 60 + 25) * 30 * 1000;

/** The next count tides after a time, highs and lows in turn. */
function tides(after, count) {
  const first = Math.ceil((after - highest) / halfCycle);
  return Array.from({ length: count }, (_, i) => ({
    time: new Date(highest + (first + i) * halfCycle),
    kind: (first + i) % 2 === 0 ? 'high' : 'low',
  }));
}

const rows = tides(Date.now(), 8).map(({ time, kind }) =>
  `<tr><td>${time.toLocaleString()}</td><td>${kind} water</td></tr>`);

document.querySelector('#app').innerHTML =
  `<h1>Next tides</h1><table>${rows.join('')}</table><p>Version ${APP_VERSION}</p>`;
