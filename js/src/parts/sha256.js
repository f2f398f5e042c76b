// SHA-256 of what comes piece by piece (FIPS 180-4). The browser's own takes whole files only, and
// is missing on pages that came over plain HTTP from another machine.
const ROUNDS = new Uint32Array(64);
const START = new Uint32Array(8);

// The first 32 bits of the fractions of the roots of the first primes: cube roots, and square roots.
for (let number = 2, at = 0; at < 64; number += 1) {
  let prime = true;
  for (let by = 2; by * by <= number && prime; by += 1) prime = number % by !== 0;
  if (!prime) continue;
  ROUNDS[at] = (Math.cbrt(number) % 1) * 2 ** 32;
  if (at < 8) START[at] = (Math.sqrt(number) % 1) * 2 ** 32;
  at += 1;
}

// How many bits so many bytes have, as two words of 32: past 512 MiB it takes both.
export function bitsOf(size) {
  return [Math.floor(size / 2 ** 29), (size * 8) % 2 ** 32];
}

export class Sha256 {
  #state = Uint32Array.from(START);
  #words = new Uint32Array(64);
  #rest = new Uint8Array(64);
  #held = 0;
  #size = 0;

  // Takes the next bytes, a Uint8Array.
  update(bytes) {
    this.#size += bytes.length;
    let at = 0;
    if (this.#held) {
      at = Math.min(64 - this.#held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#held);
      this.#held += at;
      if (this.#held < 64) return this;
      this.#blocks(this.#rest, 0, 64);
      this.#held = 0;
    }
    const whole = at + ((bytes.length - at) & ~63);
    this.#blocks(bytes, at, whole);
    this.#rest.set(bytes.subarray(whole));
    this.#held = bytes.length - whole;
    return this;
  }

  // Ends it, and returns the digest in hexadecimal digits.
  hex() {
    const size = this.#size;
    const end = new Uint8Array(this.#held < 56 ? 64 - this.#held : 128 - this.#held);
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    const [high, low] = bitsOf(size);
    view.setUint32(end.length - 8, high);
    view.setUint32(end.length - 4, low);
    this.update(end);
    return Array.from(this.#state, (word) => word.toString(16).padStart(8, "0")).join("");
  }

  #blocks(bytes, from, to) {
    const w = this.#words;
    let [a, b, c, d, e, f, g, h] = this.#state;
    for (let at = from; at < to; at += 64) {
      for (let i = 0, j = at; i < 16; i += 1, j += 4) w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = w[i - 15];
        const y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
      }
      const [a0, b0, c0, d0, e0, f0, g0, h0] = [a, b, c, d, e, f, g, h];
      for (let i = 0; i < 64; i += 1) {
        const one = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
        const two = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + one) | 0;
        d = c;
        c = b;
        b = a;
        a = (one + two) | 0;
      }
      a = (a + a0) | 0;
      b = (b + b0) | 0;
      c = (c + c0) | 0;
      d = (d + d0) | 0;
      e = (e + e0) | 0;
      f = (f + f0) | 0;
      g = (g + g0) | 0;
      h = (h + h0) | 0;
    }
    this.#state.set([a, b, c, d, e, f, g, h]);
  }
}
