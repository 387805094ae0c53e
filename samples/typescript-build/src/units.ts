export type Unit = 'm' | 'km' | 'mi' | 'ft';

const metres: Record<Unit, number> = { m: 1, km: 1000, mi: 1609.344, ft: 0.3048 };

export function isUnit(text: string): text is Unit {
  return Object.hasOwn(metres, text);
}

export function convert(value: number, from: Unit, to: Unit): number {
  return (value * metres[from]) / metres[to];
}
