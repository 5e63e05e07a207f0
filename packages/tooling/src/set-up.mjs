import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm } from './pnpm.mjs';
import { root, step } from './run.mjs';

const STAMP = join(root, 'node_modules', '.set-up');

/** Installs the dependencies as the lockfile has them, with the pnpm that package.json names, unless that was done already. */
export async function setUp() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const title = 'Installing the dependencies (about 10 s the first time)';
  await step(title, ...pnpm('install', '--frozen-lockfile'), { quiet: true });
  writeFileSync(STAMP, wanted);
}

/** Changes when what is to be installed changes. */
function fingerprint() {
  const hash = createHash('sha256').update(process.platform + process.arch);
  const manifests = ['packages', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, 'package.json')),
  );
  for (const path of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests.toSorted()]) {
    const file = join(root, path);
    if (existsSync(file)) hash.update(path).update(readFileSync(file));
  }
  return hash.digest('hex');
}
