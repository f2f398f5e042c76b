// Which of many commands are meant by what is typed; without a page.

// Those that have all words, in the order of how early the first one stands in them.
export function ranked(text, commands, most = 50) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (const one of commands) {
    const low = one.label.toLowerCase();
    if (words.every((word) => low.includes(word))) found.push([words.length ? low.indexOf(words[0]) : 0, one]);
  }
  return found.sort((a, b) => a[0] - b[0]).slice(0, most).map(([, one]) => one);
}
