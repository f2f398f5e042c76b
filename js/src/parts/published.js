// The tree of what is published: projects, sets, versions, prompts; made of what Python sends.

// `sets`: [[address, [[number, count], …]], …]; `names` (once there): [[address, [name, …],
// [null or [index, …], …]], …]; `latest`: only the highest version of each set.
export function publishedTree(sets, names = [], { latest = false } = {}) {
  const named = new Map(names.map(([address, all, held]) => [address, { all, held }]));
  const projects = new Map();
  for (const [address, versions] of sets) {
    const [project, name] = address.split("/");
    if (!projects.has(project)) projects.set(project, { id: project, label: project, kind: "project", children: [] });
    const from = latest ? Math.max(0, highest(versions)) : 0;
    const shown = latest ? versions.slice(from, from + 1) : versions;
    const children = shown.map(([number, count], index) => {
      const node = { id: `${address}@${number}`, label: number, kind: "version", note: counted(count, "prompt") };
      const known = named.get(address);
      if (known) {
        const held = known.held[from + index];
        const own = held ? held.map((at) => known.all[at]) : known.all;
        node.children = own.map((one) => ({ id: `${address}/${one}@${number}`, label: one, kind: "prompt" }));
      }
      return node;
    }).reverse();
    projects.get(project).children.push({ id: address, label: name, kind: "set", note: counted(shown.length, "version"), children });
  }
  const roots = [...projects.values()];
  for (const one of roots) one.note = counted(one.children.length, "set");
  return roots;
}

// The index of the highest stable version; of the highest one where none is stable.
function highest(versions) {
  for (let at = versions.length - 1; at >= 0; at -= 1) if (!versions[at][0].includes("-")) return at;
  return versions.length - 1;
}

export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

export function sizeText(size) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let [value, unit] = [size, 0];
  while (value >= 1024 && unit < 3) [value, unit] = [value / 1024, unit + 1];
  return unit ? `${value.toFixed(1)} ${units[unit]}` : `${size} B`;
}
