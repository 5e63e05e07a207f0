import { describe, expect, it } from '@jest/globals';
import { packageProblems } from '../../tooling/src/contents.mjs';

const demands = { engines: { node: '>=20.19' }, license: 'MIT' };

const MANIFEST = {
  name: '@lp/sample',
  version: '1.2.3',
  description: 'a sample',
  keywords: ['sample'],
  license: 'MIT',
  sideEffects: false,
  engines: { node: '>=20.19' },
  exports: {
    '.': {
      import: { types: './dist/index.d.ts', default: './dist/index.js' },
      require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
    },
  },
  bin: { sample: './dist/main.js' },
  publishConfig: { provenance: true },
  dependencies: { ws: '^8.0.0', '@lp/core': '^0.1.0' },
};

const FILES: Readonly<Record<string, string>> = {
  LICENSE: 'MIT',
  'README.md': '# sample',
  'dist/index.cjs': "const { WebSocket } = require('ws');",
  'dist/index.d.cts': "export type { Part } from './part.cjs';",
  'dist/index.d.ts': "export type { Part } from './part.js';",
  'dist/index.js':
    "// import from 'nothing'\nimport { WebSocket } from 'ws';\nimport fs from 'node:fs';\noneOf('from', ['a', 'b']);\n//# sourceMappingURL=index.js.map",
  'dist/index.js.map': '{ "sources": ["../src/index.ts"] }',
  'dist/main.js': '#!/usr/bin/env node\n',
  'dist/part.d.ts':
    "/** import from 'nothing' */\nimport type { Stream } from '@lp/core/internal';\nexport type Part = Stream;",
  'dist/part.d.cts': 'export type Part = string;',
  'src/index.ts': '',
};

/** The problems of the sample after a change; `undefined` takes a file or a field away. */
function problems({ manifest = {}, files = {} }: { manifest?: object; files?: Record<string, string | undefined> }) {
  const changed = { ...FILES, 'package.json': JSON.stringify({ ...MANIFEST, ...manifest }), ...files };
  const present = Object.entries(changed).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return packageProblems(new Map(present), demands);
}

describe('the check of a package that is to be published', () => {
  it('has nothing against a complete package', () => {
    expect(problems({})).toEqual([]);
  });

  it.each([
    ['a file is missing that everybody looks for', { files: { 'README.md': undefined } }, /README\.md is missing/],
    [
      'its README leads out of it',
      { files: { 'README.md': '[x](../../docs/x.md)' } },
      /README\.md links to \.\.\/\.\.\/docs/,
    ],
    ['package.json is missing', { files: { 'package.json': undefined } }, /package\.json is missing/],
    ['there are tests in it', { files: { 'src/index.test.ts': '' } }, /src\/index\.test\.ts is for development/],
    ['the compiler left its notes', { files: { 'dist/.tsbuildinfo': '' } }, /\.tsbuildinfo is for development/],
    ['something else is in it', { files: { '.env': '' } }, /\.env does not belong/],
    [
      'its types show what is internal',
      { files: { 'dist/part.d.ts': 'export interface Part { /** @internal */ x: 1 }' } },
      /part\.d\.ts shows what is for the workspace alone/,
    ],
    ['a source map is missing', { files: { 'dist/index.js.map': undefined } }, /index\.js has a source map that is/],
    ['a source map points nowhere', { files: { 'src/index.ts': undefined } }, /points to \.\.\/src\/index\.ts/],
    ['an entry point is missing', { files: { 'dist/index.js': undefined } }, /exports "\." leads to dist\/index\.js/],
    [
      'an entry point has no types',
      { manifest: { exports: { '.': './dist/index.js' } } },
      /has no types before its code/,
    ],
    [
      'an entry point has the types of the other form',
      {
        manifest: {
          exports: { '.': { import: {}, require: { types: './dist/index.d.ts', default: './dist/index.cjs' } } },
        },
      },
      /has no types before its code/,
    ],
    [
      'CommonJS programs are left out',
      { manifest: { exports: { '.': { import: { types: './dist/index.d.ts', default: './dist/index.js' } } } } },
      /exports "\." lacks a form/,
    ],
    ['a command is no script', { files: { 'dist/main.js': 'go()' } }, /the command sample is no script/],
    ['the licence is another', { manifest: { license: 'ISC' } }, /the licence is not MIT/],
    ['another Node is asked for', { manifest: { engines: { node: '>=18' } } }, /does not ask for Node >=20\.19/],
    ['its origin could not be proved', { manifest: { publishConfig: {} } }, /does not ask for provenance/],
    ['bundlers are told nothing', { manifest: { sideEffects: undefined } }, /has no "sideEffects"/],
    ['the version is missing', { manifest: { version: undefined } }, /has no version/],
    ['it runs code at its installation', { manifest: { scripts: { postinstall: 'x' } } }, /runs a script when it is/],
    ['a range is known here only', { manifest: { devDependencies: { x: 'workspace:^' } } }, /only a workspace knows/],
    [
      'it offers the sources of this workspace',
      { manifest: { imports: { '#x': { '@lp/source': './src/index.ts', default: './dist/index.js' } } } },
      /imports "#x" offers the sources/,
    ],
    ['code imports what is not installed', { manifest: { dependencies: { '@lp/core': '1' } } }, /ws is not among its/],
    [
      'types import what is not installed',
      { manifest: { dependencies: { ws: '8' } } },
      /part\.d\.ts .* @lp\/core is not/,
    ],
    [
      'types need those of Node',
      { files: { 'dist/part.d.ts': "import type { Readable } from 'node:stream';" } },
      /part\.d\.ts imports node:stream, but @types\/node is not/,
    ],
    ['a module is missing', { files: { 'dist/part.d.ts': undefined } }, /index\.d\.ts imports \.\/part\.js, which is/],
  ])('finds that %s', (_, change, sentence) => {
    expect(problems(change).join('\n')).toMatch(sentence);
  });
});
