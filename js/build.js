// Builds the one file that every widget is drawn by, and its styles, into the Python package.
// usage: node build.js [--watch]     (node build.js --outdir=FOLDER builds elsewhere)
import * as esbuild from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const said = process.argv.find((one) => one.startsWith("--outdir="))?.slice("--outdir=".length);

const options = {
  absWorkingDir: here,
  entryPoints: { anvil: "src/anvil.js" },
  outdir: said ?? join(here, "..", "anvil_nb", "widgets", "static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none", // LICENSES.txt has them whole
  logLevel: "info",
  metafile: true,
};

// The licence of every package of which something was built in, in one file beside it.
function licences(inputs) {
  const packages = new Set(Object.keys(inputs).map((one) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(one)?.[1]).filter(Boolean));
  return [...packages].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  }).join(`\n${"-".repeat(72)}\n\n`);
}

if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  const { metafile } = await esbuild.build(options);
  writeFileSync(join(options.outdir, "LICENSES.txt"), licences(metafile.inputs));
}
