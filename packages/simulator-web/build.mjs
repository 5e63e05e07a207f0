// Bundles the simulator's pages into packages/simulator/dist/page, from where the package serves them.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = path('../simulator/dist/page');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
cpSync(path('static'), folder, { recursive: true });
const { metafile } = await build({
  entryPoints: { page: path('src/page.tsx'), agent: path('src/agent.tsx') },
  outdir: folder,
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

// The bundles hold code of others, whose licences ask to be handed on with it. A file called LICENSE anywhere would keep
// pnpm from packing the package's own.
const homes = Object.keys(metafile.inputs).map((input) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]);
const licences = [...new Set(homes)]
  .filter((home) => home !== undefined)
  .map((home) => {
    const file = readdirSync(home).find((name) => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`${home} has no licence to hand on`);
    return `${home.replace(/^.*node_modules\//, '')}\n\n${readFileSync(join(home, file), 'utf8').trim()}\n`;
  });
writeFileSync(join(folder, 'third-party.txt'), licences.toSorted().join('\n\n'));
