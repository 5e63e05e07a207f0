import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** `npm run clean`: takes every build away, and with it what sources left behind that are gone. */
for (const folder of ['packages', 'examples']) {
  for (const name of readdirSync(join(root, folder))) {
    for (const made of ['build', 'dist']) rmSync(join(root, folder, name, made), { recursive: true, force: true });
  }
}
