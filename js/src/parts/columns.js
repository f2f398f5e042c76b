// Which columns of a table are worth drawing; without a page.

// The rows without the columns in which no row says anything; the first column, the name, stays.
export function saying(rows) {
  const most = Math.max(0, ...rows.map((row) => row.length));
  const kept = [...Array(most).keys()].filter((at) => at === 0 || rows.some((row) => row[at]));
  return rows.map((row) => kept.map((at) => row[at] ?? ""));
}
