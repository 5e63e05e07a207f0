import { copyFile, cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PublicTypes } from '../../tooling/src/public-types.mjs';
import { createProject, type Project } from './project.ts';

const NAMES = ['@lp/agent', '@lp/auth', '@lp/core', '@lp/schemas', '@lp/simulator', '@lp/transport'];
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What a careful project asks of the compiler; the types of its dependencies are checked too. */
const STRICT = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
};
const NODENEXT = {
  ...STRICT,
  lib: ['es2022', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
};
const BUNDLER = { ...STRICT, module: 'esnext', moduleResolution: 'bundler' };

const IMPORT_ALL = `
import * as agent from '@lp/agent';
import * as schemas from '@lp/agent/schemas';
import * as auth from '@lp/auth';
import * as core from '@lp/core';
import * as internal from '@lp/core/internal';
import * as simulator from '@lp/simulator';
import * as cli from '@lp/simulator/cli';
import * as transport from '@lp/transport';

export const all: object[] = [agent, schemas, auth, core, internal, simulator, cli, transport];
export const limit: number = agent.MAX_FILE_BYTES;
// @ts-expect-error: the types are really there, so an account is asked for
void agent.connectAgent({});
`;

const REQUIRE_ALL = IMPORT_ALL.replaceAll(/import \* as (\w+) from ('\S+');/g, 'import $1 = require($2);').replaceAll(
  /^export const /gm,
  'const ',
);

let project: Project;

beforeAll(async () => {
  project = await createProject({ type: 'module' }, NAMES, {
    'typescript-5.4': 'npm:typescript@5.4.5',
    'typescript-5.6': 'npm:typescript@5.6.3',
    '@types/node': '20.19.43',
  });
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const native = createRequire(join(root, 'package.json')).resolve('@typescript/native/package.json');
const compilers = {
  // The lowest that is supported.
  'TypeScript 5.4': () => join(project.folder, 'node_modules', 'typescript-5.4', 'bin', 'tsc'),
  'TypeScript 5.6': () => join(project.folder, 'node_modules', 'typescript-5.6', 'bin', 'tsc'),
  'TypeScript 7': () => join(dirname(native), 'bin', 'tsc'),
};
type Compiler = keyof typeof compilers;
const COMPILERS: readonly Compiler[] = ['TypeScript 5.4', 'TypeScript 7'];

/** Compiles the files named, which lie in the project; and gives what the compiler finds. */
async function compile(compiler: Compiler, compilerOptions: object, ...files: string[]): Promise<string> {
  const config = 'tsconfig.json';
  await project.write(config, JSON.stringify({ compilerOptions, files }));
  return project.run(process.execPath, compilers[compiler](), '-p', config);
}

/** The code in the READMEs as they are in the packages, each block as a file of its own. */
async function writeReadmes(): Promise<string[]> {
  const files: string[] = [];
  for (const name of NAMES) {
    const readme = await readFile(join(project.folder, 'node_modules', name, 'README.md'), 'utf8');
    for (const [, code = ''] of readme.matchAll(/^```[jt]s\n(.*?)^```$/gms)) {
      const file = `readme-${files.length}.mts`;
      await project.write(file, `${code}\nexport {};\n`);
      files.push(file);
    }
  }
  return files;
}

describe.each(COMPILERS)('the types, checked by %s', (compiler) => {
  it('hold for ES modules, for CommonJS and for the code in the READMEs', async () => {
    const readmes = await writeReadmes();
    expect(readmes.length).toBeGreaterThanOrEqual(NAMES.length);
    await project.write('names.d.ts', `declare const agent: import('@lp/agent').Agent;\n`);
    await project.write('all.mts', IMPORT_ALL);
    await project.write('all.cts', REQUIRE_ALL);
    expect(await compile(compiler, NODENEXT, 'names.d.ts', 'all.mts', 'all.cts', ...readmes)).toBe('');
  });

  it('hold for a bundler', async () => {
    await project.write('bundler.ts', IMPORT_ALL);
    expect(await compile(compiler, { ...BUNDLER, types: ['node'], lib: ['es2022', 'dom'] }, 'bundler.ts')).toBe('');
  });
});

// TypeScript 5.4 is seen to resolve both ways above.
describe('the types, checked by TypeScript 7', () => {
  it('hold for CommonJS as node16 resolves it', async () => {
    await project.write('old.cts', REQUIRE_ALL);
    expect(
      await compile('TypeScript 7', { ...NODENEXT, module: 'node16', moduleResolution: 'node16' }, 'old.cts'),
    ).toBe('');
  });

  it('hold in a page, which has no types of Node', async () => {
    const names = ['@lp/core', '@lp/transport', '@lp/agent/schemas'];
    const text = names.map((name, n) => `import * as m${n} from '${name}';`).join('\n');
    await project.write('page.ts', `${text}\nexport const all: object[] = [m0, m1, m2];\n`);
    expect(
      await compile('TypeScript 7', { ...BUNDLER, types: [], lib: ['es2023', 'esnext.disposable', 'dom'] }, 'page.ts'),
    ).toBe('');
  });
});

// Without `lib` there is more of a page than with `dom`; what it says of an AbortSignal was another in this version.
it('the types hold for who names no `lib`, checked by TypeScript 5.6', async () => {
  await project.write('default-lib.ts', IMPORT_ALL);
  expect(await compile('TypeScript 5.6', { ...BUNDLER, types: ['node'] }, 'default-lib.ts')).toBe('');
});

// TypeScript 7 knows this way no more.
it('the types hold for CommonJS as node10 resolves it, checked by TypeScript 5.4', async () => {
  await project.write('oldest.ts', IMPORT_ALL);
  const options = { ...NODENEXT, verbatimModuleSyntax: false, module: 'commonjs', moduleResolution: 'node10' };
  expect(await compile('TypeScript 5.4', { ...options, esModuleInterop: true }, 'oldest.ts')).toBe('');
});

// Of a class whose type alone is public a program would else be compiled that cannot be loaded.
it('the types name as values just what there is when a program runs', async () => {
  const entries = [
    'agent',
    'agent/content',
    'agent/cursors',
    'agent/schemas',
    'auth',
    'core',
    'simulator',
    'transport',
  ];
  const home = join(project.folder, 'node_modules', '@lp');
  const fileOf = (entry: string) =>
    join(home, entry.includes('/') ? entry.replace('/', '/dist/') : `${entry}/dist/index`);
  const types = new PublicTypes(entries.map((entry) => `${fileOf(entry)}.d.ts`));
  const typed = entries.map((entry) => types.valuesOf(`${fileOf(entry)}.d.ts`).toSorted());
  const names = JSON.stringify(entries.map((entry) => `@lp/${entry}`));
  await project.write(
    'values.mjs',
    `const all = await Promise.all(${names}.map((name) => import(name)));
     console.log(JSON.stringify(all.map((one) => Object.keys(one).sort())));`,
  );
  expect(typed).toEqual(JSON.parse(await project.run(process.execPath, 'values.mjs')));
  expect(typed.flat()).toContain('connectAgent');
}, 120_000);

describe('the echo bot of the examples, compiled against the packages', () => {
  it('answers and ends when it is asked to', async () => {
    await cp(join(root, 'examples/echo-bot/src'), join(project.folder, 'src'), { recursive: true });
    await copyFile(
      fileURLToPath(new URL('programs/run-bot.mjs', import.meta.url)),
      join(project.folder, 'run-bot.mjs'),
    );
    const emit = { ...NODENEXT, noEmit: false, rewriteRelativeImportExtensions: true, rootDir: 'src', outDir: 'built' };
    expect(await compile('TypeScript 7', emit, 'src/main.ts')).toBe('');
    expect(await project.run(process.execPath, 'run-bot.mjs', 'built/main.js')).toBe('echo: hi\nexit code 0\n');
  });
});

describe('an editor', () => {
  it('shows a comment for every export of the agent, every member of its types, and every field of a request, however deep', () => {
    const entry = join(project.folder, 'node_modules/@lp/agent/dist/index.d.ts');
    const types = new PublicTypes([entry]);
    const exported = types.exportsOf(entry);
    const requests = exported.get('AgentRequests');
    const methods = requests === undefined ? [] : types.membersOf(requests);
    const members = [...exported.values()].flatMap((symbol) => [symbol, ...types.membersOf(symbol)]);
    const fields = methods.flatMap((method) => types.fieldsOfBody(method));
    expect(fields.length).toBeGreaterThan(300);
    expect([...members, ...fields].filter((one) => types.docOf(one) === '').map(({ name }) => name)).toEqual([]);
  }, 120_000);
});
