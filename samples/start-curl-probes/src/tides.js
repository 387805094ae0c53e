const HALF_TIDE = (12 * 60 + 25) * 60 * 1000 / 2;
const REFERENCE = Date.UTC(2026, 0, 1, 3, 10);

/** The next high or low water, roughly: every half tide turns. */
export function nextTide(now) {
  const passed = Math.floor((now.getTime() - REFERENCE) / HALF_TIDE) + 1;
  return { kind: passed % 2 === 0 ? 'high' : 'low', at: new Date(REFERENCE + passed * HALF_TIDE).toISOString() };
}
