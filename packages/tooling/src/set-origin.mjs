import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestWithOrigin, readmeWithOrigin } from './origin.mjs';
import { publishedFolders } from './packages.mjs';
import { command, root, StepFailed } from './run.mjs';

const change = (file, changed) => writeFileSync(file, changed(readFileSync(file, 'utf8')));

/** `node set-origin.mjs URL`: writes where the repository is into the manifest and the README of every published package. */
await command(async () => {
  const [url = ''] = process.argv.slice(2);
  if (!/^https:\/\/[^\s?#]+$/.test(url)) throw new StepFailed('Name the address of the repository: https://…');
  for (const folder of publishedFolders()) {
    change(join(root, folder, 'package.json'), (text) => {
      return `${JSON.stringify(manifestWithOrigin(JSON.parse(text), folder, url), undefined, 2)}\n`;
    });
    change(join(root, folder, 'README.md'), (text) => readmeWithOrigin(text, url));
  }
});
