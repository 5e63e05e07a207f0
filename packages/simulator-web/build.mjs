// Bundles the simulator's pages into packages/simulator/dist, from where the package serves them: their files are the
// strings of one module, so that they are found wherever the package is bundled to.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from '../tooling/src/licences.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = path('../simulator/dist');

const { metafile, outputFiles } = await build({
  entryPoints: { page: path('src/page.tsx'), agent: path('src/agent.tsx') },
  outdir: folder,
  write: false,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  conditions: ['@lp/source'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
const files = Object.fromEntries([
  ...readdirSync(path('static')).map((name) => [name, readFileSync(join(path('static'), name), 'utf8')]),
  ...outputFiles.map((file) => [basename(file.path), file.text]),
]);
const text = JSON.stringify(files, undefined, 2);

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'page.js'), `export const files = ${text};\n`);
writeFileSync(join(folder, 'page.cjs'), `exports.files = ${text};\n`);
writeFileSync(join(folder, 'third-party.txt'), licencesOf(Object.keys(metafile.inputs)));
