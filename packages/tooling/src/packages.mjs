import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const manifestOf = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

/** What the workspace as a whole demands of every package. */
export const { engines, license } = manifestOf('.');

/** The folders of the packages that are published, from the workspace's top folder. */
export function publishedFolders() {
  return readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && manifestOf(folder).private !== true);
}
