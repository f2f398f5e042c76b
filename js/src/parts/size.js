// A number of bytes in words.
export function sizeText(size) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let [value, unit] = [size, 0];
  while (value >= 1024 && unit < 3) [value, unit] = [value / 1024, unit + 1];
  return unit ? `${value.toFixed(1)} ${units[unit]}` : `${size} B`;
}
