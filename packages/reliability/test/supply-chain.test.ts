import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const packages = fileURLToPath(new URL('../../', import.meta.url));
const CLIENT = ['core', 'transport', 'auth', 'agent'];
const PUBLISHED = [...CLIENT, 'simulator'];
const KNOWN = [
  'agent-base',
  'debug',
  'https-proxy-agent',
  'isomorphic-ws',
  'ms',
  'oauth-1.0a',
  'proxy-from-env',
  'undici',
  'ws',
  'zod',
];
// Permissive licences, which ask for no more than that their text is passed on.
const FREE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Everything of others that is installed with some packages, at any depth. */
function installed(names: readonly string[] = PUBLISHED): Manifest[] {
  return reached(names).filter(({ name }) => !name.startsWith('@lp/'));
}

const siblings = (name: string): number => reached([name]).filter((one) => one.name.startsWith('@lp/')).length - 1;

function reached(names: readonly string[]): Manifest[] {
  const found = new Map<string, Manifest>();
  const visit = (folder: string): void => {
    const at = realpathSync(folder);
    if (found.has(at)) return;
    const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as Manifest;
    found.set(at, manifest);
    // Beside the package when it is one of a store, in it when it is of this workspace.
    const beside = at.startsWith(packages) ? join(at, 'node_modules') : at.slice(0, -manifest.name.length);
    for (const name of Object.keys(manifest.dependencies ?? {})) visit(join(beside, name));
  };
  for (const name of names) visit(join(packages, name));
  return [...found.values()];
}

describe('what is installed with the packages', () => {
  // verifies: threat:dependencies
  it('are the few that are named, and no more', () => {
    expect([...new Set(installed(CLIENT).map(({ name }) => name))].sort()).toEqual(KNOWN);
    const explained = readFileSync(join(packages, '..', 'docs', 'dependencies.md'), 'utf8');
    for (const name of KNOWN) expect(explained).toContain(`\`${name}\``);
  });

  it('are as many, for each package, as the table says', () => {
    const table = readFileSync(join(packages, '..', 'docs', 'dependencies.md'), 'utf8');
    const rows = [...table.matchAll(/^\| `@lp\/(\w+)` \| (\d+) \| (\d+) \|$/gm)];
    const counted = rows.map(([, name = '']) => [name, installed([name]).length, siblings(name)]);
    expect(rows.map(([, name, others, ours]) => [name, Number(others), Number(ours)])).toEqual(counted);
    expect(rows.map(([, name]) => name)).toEqual(expect.arrayContaining([...PUBLISHED, 'schemas', 'fleet']));
  });

  // verifies: threat:dependencies
  it('run no script when they are installed', () => {
    const scripts = installed().flatMap(({ name, scripts = {} }) =>
      ['preinstall', 'install', 'postinstall']
        .filter((script) => script in scripts)
        .map((script) => `${name}: ${script}`),
    );
    expect(scripts).toEqual([]);
  });

  // verifies: threat:dependencies
  it('have licences that allow any use', () => {
    const unknown = installed().filter(({ license = 'none' }) => !FREE.includes(license));
    expect(unknown.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });
});
