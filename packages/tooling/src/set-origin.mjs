import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedFolders } from './packages.mjs';
import { command, root, StepFailed } from './run.mjs';

/** `node set-origin.mjs URL`: writes where the repository is into the manifest of every package that is published. */
await command(async () => {
  const [url = ''] = process.argv.slice(2);
  if (!/^https:\/\/[^\s?#]+$/.test(url)) throw new StepFailed('Name the address of the repository: https://…');
  for (const folder of publishedFolders()) {
    const file = join(root, folder, 'package.json');
    const manifest = {
      ...JSON.parse(readFileSync(file, 'utf8')),
      repository: { type: 'git', url: `git+${url}.git`, directory: folder },
      homepage: `${url}/tree/main/${folder}#readme`,
      bugs: `${url}/issues`,
    };
    writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
});
