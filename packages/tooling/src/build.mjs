import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedFolders } from './packages.mjs';
import { command, root, StepFailed, step } from './run.mjs';

/**
 * Compiles the projects named and what they need, bundles the published packages, and puts the chat page into the
 * simulator. `types: false` leaves the bundled declarations out, which nothing inside the workspace reads.
 */
export async function build(projects = ['packages/tooling'], { types = true } = {}) {
  await step('Type check and compile', 'tsc', ['-b', ...projects], { quiet: true });
  const start = performance.now();
  process.stdout.write('• Bundle the packages …');
  // Loaded late: on a fresh clone the bundler is installed by the command that calls this.
  const { bundle } = await import('./bundle.mjs');
  const folders = publishedFolders().filter((folder) => existsSync(join(root, folder, 'build')));
  for (const folder of folders) {
    await bundle(folder, { types }).catch((error) => {
      throw new StepFailed(`\n${folder} could not be bundled: ${error.message}`);
    });
  }
  process.stdout.write(` done in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  await step('Build the chat page', process.execPath, ['packages/simulator-web/build.mjs'], { quiet: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await command(() => build());
