// Which rows of a long list are drawn: plain numbers, so that it is tested without a page.

// The rows to draw of `count` rows of `height` pixels, when `top` pixels are scrolled away and
// `shown` pixels are seen; `spare` rows more on each side.
export function rowsIn({ count, height, top, shown, spare = 8 }) {
  const first = Math.max(0, Math.min(count, Math.floor(top / height) - spare));
  const end = Math.min(count, Math.ceil((top + shown) / height) + spare);
  return { first, end: Math.max(first, end) };
}

// Where to scroll so that row `at` is seen; the same place when it is already.
export function scrollTo({ at, height, top, shown }) {
  const start = at * height;
  if (start < top) return start;
  if (start + height > top + shown) return start + height - shown;
  return top;
}
