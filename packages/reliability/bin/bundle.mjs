import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const folder = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes one file of a program in `src` and of all it imports, sources of the packages included, so that plain Node runs
 * it without a build of the workspace. Gives the file's path.
 */
export function bundle(program) {
  // A file per process: two commands may run at the same time.
  const outfile = join(
    folder,
    'node_modules',
    '.cache',
    'bundles',
    `${program.replaceAll('/', '-')}-${process.pid}.mjs`,
  );
  mkdirSync(dirname(outfile), { recursive: true });
  buildSync({
    entryPoints: [join(folder, 'src', `${program}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@lp/source'],
    logLevel: 'error',
    // CommonJS packages inside an ES module still ask for `require`.
    banner: {
      js: "import { createRequire as __lpCreateRequire } from 'node:module';\nconst require = __lpCreateRequire(import.meta.url);",
    },
  });
  return outfile;
}
