import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { publishedFolders } from './packages.mjs';
import { pnpm } from './pnpm.mjs';
import { StepFailed, step } from './run.mjs';
import { setUp } from './set-up.mjs';

/** Builds every published package, packs it exactly as publishing does, and gives the tarballs, which lie in `target`. */
export async function packInto(target) {
  await setUp();
  const folders = publishedFolders();
  await build(folders);
  const filters = folders.flatMap((folder) => ['--filter', `./${folder}`]);
  await step('Pack', ...pnpm(...filters, 'pack', '--pack-destination', target), { quiet: true });
  const tarballs = readdirSync(target).map((name) => join(target, name));
  if (tarballs.length !== folders.length)
    throw new StepFailed(`${folders.length} packages gave ${tarballs.length} tarballs.`);
  return tarballs;
}

/** Hands the folder with the tarballs of all packages, and these, to `use`. The folder is gone afterwards. */
export async function withTarballs(use) {
  const target = mkdtempSync(join(tmpdir(), 'lp-tarballs-'));
  try {
    return await use(target, await packInto(target));
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** The text of every file in a tarball, by its path in the package. */
export function filesOf(tarball) {
  const folder = `${tarball}.files`;
  mkdirSync(folder);
  try {
    execFileSync('tar', ['-xzf', tarball, '-C', folder], { stdio: 'inherit' });
    const top = join(folder, 'package');
    const entries = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = entries.map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(top.length + 1)
        .replaceAll('\\', '/'),
    );
    return new Map(paths.map((path) => [path, readFileSync(join(top, path), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
