// How much there is of what, in words.

// A word for one and one for several; what is not here is the same for both.
const WORDS = { cancelled: ["not begun", "not begun"], conflicts: ["conflict", "conflicts"], problems: ["problem", "problems"] };

// "1 conflict", "1,200 conflicts", "3 added".
export function tally(number, name) {
  const [one, several] = WORDS[name] ?? [name, name];
  return `${number.toLocaleString("en")} ${number === 1 ? one : several}`;
}

// What there is of some counts by name, without those that are 0.
export function tallied(counts) {
  return Object.entries(counts).filter(([, number]) => number).map(([name, number]) => tally(number, name)).join(", ");
}
