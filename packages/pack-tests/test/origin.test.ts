import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { manifestWithOrigin, readmeWithOrigin } from '../../tooling/src/origin.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');
const readmes = readdirSync(`${root}packages`)
  .map((name) => `packages/${name}/README.md`)
  .filter((path) => existsSync(root + path));
const documents = [
  'README.md',
  'examples/README.md',
  ...readdirSync(`${root}docs`).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md'));
const URL_OF_REPOSITORY = 'https://github.com/someone/lp';

describe('what the documents say of installing', () => {
  it('names nothing in a registry that is not ours: no command there would install what somebody else has put there', () => {
    const lines = [...documents, ...readmes].flatMap((path) =>
      [...read(path).matchAll(/^.*\b(?:npm (?:install|i)|npx|pnpm add|yarn add)\b.*$/gm)].map(
        ([line]) => `${path}: ${line}`,
      ),
    );
    expect(lines.length).toBeGreaterThan(10);
    const named = lines.filter((line) => /(?:@|npm:@)lp\/|npx (?!--no |esbuild)\S/.test(line));
    // For the registry, once it is: a comment that nobody sees.
    expect(named.filter((line) => !line.includes('<!-- once it is published: '))).toEqual([]);
  });

  it('stands in the README before anything else but the first program', () => {
    const headings = [...read('README.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings[0]).toBe('Install');
  });
});

describe('a package that is published', () => {
  it.each(readmes)(
    '%s has a line for installing it from the registry, and links that lead to the repository',
    (path) => {
      const published = readmeWithOrigin(read(path), URL_OF_REPOSITORY);
      expect(published).toMatch(/^npm install .*@lp\//m);
      expect(published).not.toMatch(/tarballs|once it is published|`docs\//);
      for (const [, document = ''] of published.matchAll(/\/blob\/main\/([^)]+)\)/g)) {
        expect(existsSync(root + document)).toBe(true);
      }
    },
  );

  it('says where it comes from', () => {
    expect(manifestWithOrigin({ name: '@lp/core' }, 'packages/core', URL_OF_REPOSITORY)).toEqual({
      name: '@lp/core',
      repository: { type: 'git', url: `git+${URL_OF_REPOSITORY}.git`, directory: 'packages/core' },
      homepage: `${URL_OF_REPOSITORY}/tree/main/packages/core#readme`,
      bugs: `${URL_OF_REPOSITORY}/issues`,
    });
  });
});

describe('the workflow that publishes', () => {
  const steps = [...read('.github/workflows/publish.yml').matchAll(/^ {6}- (?:run|uses): (.+)$/gm)].map(
    ([, step = '']) => step,
  );

  it('runs only what there is', () => {
    expect(steps.length).toBeGreaterThan(5);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const files = steps.flatMap((step) => /^(?:node )?([.\w/-]+\/[\w.-]+)(?: |$)/.exec(step)?.[1] ?? []);
    expect(files.filter((file) => !/^actions\//.test(file) && !existsSync(root + file))).toEqual([]);
    const commands = steps.flatMap((step) => [...step.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name));
    expect(commands.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(steps.some((step) => step.includes('npm publish'))).toBe(true);
  });
});
