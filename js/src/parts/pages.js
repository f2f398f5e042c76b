// The rows of a long list, fetched a page at a time when they come into sight.
export class Pages {
  #rows = new Map();
  #asked = new Map();
  #age = 0;

  // `fetch(start)` resolves to { start, count, rows }, or to undefined when it failed.
  constructor(size, fetch) {
    this.size = size;
    this.fetch = fetch;
    this.count = 0;
  }

  // Begins anew with a first page: what was fetched before is of another list.
  begin({ count, start, rows }) {
    this.#age += 1;
    this.#rows.clear();
    this.#asked.clear();
    this.count = count;
    this.#keep(start, rows);
  }

  get(at) {
    return this.#rows.get(at);
  }

  // Returns a row; one that is not here yet is fetched, and `arrived` called when it has come.
  // What did not come is left until somebody asks again: drawing anew by itself would ask for ever.
  see(at, arrived) {
    const row = this.get(at);
    if (row === undefined) this.want(at).then(() => this.get(at) !== undefined && arrived());
    return row;
  }

  // Fetches the page of a row, once, however often it is wanted meanwhile.
  want(at) {
    const start = Math.floor(at / this.size) * this.size;
    if (!this.#asked.has(start)) this.#asked.set(start, this.#take(start, this.#age));
    return this.#asked.get(start);
  }

  async #take(start, age) {
    const answer = await this.fetch(start);
    if (age !== this.#age) return;
    if (answer === undefined) this.#asked.delete(start);
    else this.#keep(answer.start, answer.rows);
  }

  #keep(start, rows) {
    rows.forEach((row, at) => this.#rows.set(start + at, row));
  }
}
