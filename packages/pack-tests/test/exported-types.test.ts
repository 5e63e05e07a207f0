import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { publishedFolders } from '../../tooling/src/packages.mjs';
import { PublicTypes } from '../../tooling/src/public-types.mjs';

type TypeSymbol = ReturnType<PublicTypes['membersOf']>[number];

interface Entry {
  readonly folder: string;
  /** As it is imported. */
  readonly name: string;
  readonly file: string;
}

const SOURCE = '@lp/source';
/** A fleet's bot imports from both: what the agent exports need not be exported twice. */
const BESIDE: Readonly<Record<string, string>> = { 'packages/fleet': 'packages/agent' };

/** The public entries of a package, the one that its name alone stands for first. */
function entriesOf(folder: string): Entry[] {
  const text = readFileSync(new URL(`../../../${folder}/package.json`, import.meta.url), 'utf8');
  const { name, exports } = JSON.parse(text) as { name: string; exports: Record<string, { [SOURCE]?: string }> };
  return Object.entries(exports).flatMap(([path, { [SOURCE]: source }]) =>
    source === undefined || path === './internal'
      ? []
      : [{ folder, name: name + path.slice(1), file: `${folder}${source.slice(1)}` }],
  );
}

const entries = publishedFolders().flatMap(entriesOf);

let types: PublicTypes;
beforeAll(() => {
  types = new PublicTypes(entries.map(({ file }) => file));
}, 180_000);

const exportsOf = (some: readonly Entry[]) => new Set(some.flatMap(({ file }) => [...types.exportsOf(file).values()]));

/**
 * What values of an entry's exports have for a type, down to the last, and where it cannot be imported from. What the
 * package's own declarations name is looked for in this entry and in the main one; what those of other packages name, in
 * any of its entries.
 */
function missing(entry: Entry): string[] {
  const own = entries.filter(({ folder }) => folder === entry.folder);
  const beside = entries.filter(({ folder }) => folder === BESIDE[entry.folder]);
  const near = exportsOf([...own.slice(0, 1), entry, ...beside]);
  const anywhere = exportsOf([...own, ...beside]);
  const isOwn = ({ declarations = [] }: TypeSymbol) =>
    declarations.some((one) => one.getSourceFile().fileName.includes(`/${entry.folder}/`));
  const reached = exportsOf([entry]);
  const found: string[] = [];
  for (const symbol of reached) {
    for (const named of types.namedBy(symbol)) {
      if (!(isOwn(symbol) ? near : anywhere).has(named)) found.push(`${named.name}, named by ${symbol.name}`);
      reached.add(named);
    }
  }
  return found;
}

describe('every type that a value of a public signature has', () => {
  // The compiler writes out every schema.
  it.each(entries)(
    'can be imported from the package of $name',
    (entry) => {
      expect(missing(entry)).toEqual([]);
    },
    180_000,
  );

  it.each([
    ['a function: its parameters and its result', '@lp/agent', 'connectAgent', ['AgentOptions', 'Agent']],
    ['a member, a union and an array', '@lp/agent', 'ConversationQuery', ['ConversationStateName']],
    ['a variable', '@lp/core', 'systemClock', ['Clock']],
    ['what a type was cut out of, by its members', '@lp/fleet', 'FleetServeOptions', ['Ring', 'Failure', 'Decision']],
  ])('is seen in %s', (_where, name, exported, some) => {
    const entry = entries.find((one) => one.name === name);
    const symbol = types.exportsOf(entry?.file ?? '').get(exported);
    const names = symbol === undefined ? [] : types.namedBy(symbol).map((one) => one.name);
    expect(names).toEqual(expect.arrayContaining(some));
    expect(names).not.toContain('ServeOptions');
  });
});
