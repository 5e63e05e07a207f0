// Bundles the simulator's pages into packages/simulator/dist/page, from where the package serves them.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = path('../dist/page');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
cpSync(path('static'), folder, { recursive: true });
await build({
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
  logLevel: 'warning',
});
