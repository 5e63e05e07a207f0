import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licences of the packages that files of a bundle come from, to be handed on with it. */
export function licencesOf(files) {
  const homes = files.map((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/'))?.[0]);
  const texts = [...new Set(homes)]
    .filter((home) => home !== undefined)
    .map((home) => {
      const file = readdirSync(home).find((name) => /^licen[cs]e/i.test(name));
      if (file === undefined) throw new Error(`${home} has no licence to hand on`);
      return `${home.replace(/^.*node_modules\//, '')}\n\n${readFileSync(join(home, file), 'utf8').trim()}\n`;
    });
  return texts.toSorted().join('\n\n');
}
