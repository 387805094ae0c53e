import { randomBytes } from 'node:crypto';

/** Links by slug, in memory. */
export class Links {
  #bySlug = new Map();

  add(url, slug = randomBytes(4).toString('hex')) {
    this.#bySlug.set(slug, new URL(url).href);
    return slug;
  }

  get(slug) {
    return this.#bySlug.get(slug);
  }

  all() {
    return Object.fromEntries(this.#bySlug);
  }
}
