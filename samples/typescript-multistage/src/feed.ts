import { XMLParser } from 'fast-xml-parser';

export interface Entry {
  title: string;
  link: string;
}

interface Rss {
  rss?: { channel?: { item?: Entry | Entry[] } };
}

/** The entries of an RSS 2.0 document; none if it is something else. */
export function entries(xml: string): Entry[] {
  const item = (new XMLParser().parse(xml) as Rss).rss?.channel?.item ?? [];
  return [item].flat().map(({ title, link }) => ({ title: String(title), link: String(link) }));
}
