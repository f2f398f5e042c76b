// The tree of what is published: projects, sets, versions, prompts; made of what Python sends.

// `sets`: [[address, [[number, count], …], index of the latest or null], …]; `names` (once there):
// [[address, [name, …], [null or [index, …], …]], …]; `latest`: only the latest version of each
// set, and no set that has none.
export function publishedTree(sets, names = [], { latest = false } = {}) {
  const named = new Map(names.map(([address, all, held]) => [address, { all, held }]));
  const projects = new Map();
  for (const [address, versions, top] of sets) {
    if (latest && top === null) continue;
    const [project, name] = address.split("/");
    if (!projects.has(project)) projects.set(project, { id: project, label: project, kind: "project", children: [] });
    const from = latest ? top : 0;
    const shown = latest ? versions.slice(top, top + 1) : versions;
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

export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
