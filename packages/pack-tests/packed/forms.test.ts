import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { createProject, type Project } from './project.ts';

const NAMES = ['@lp/agent', '@lp/auth', '@lp/core', '@lp/schemas', '@lp/simulator', '@lp/transport'];
const ALL_CLASSES = 'echo: hi\nfunction,function,function,function,function\n';
// As every Node.js before 20.19 is, and every host that forbids it: an ES module cannot be required.
const COMMONJS_ONLY = ['--no-experimental-require-module', '--throw-deprecation', '--trace-warnings'];

let project: Project;
const node = (...parameters: string[]) => project.run(process.execPath, ...parameters);

beforeAll(async () => {
  project = await createProject({ type: 'commonjs' }, NAMES, {
    jest: '30.5.2',
    webpack: '5.112.1',
    vite: '8.3.8',
    vitest: '4.1.12',
  });
  for (const name of ['bot.cjs', 'bot.mjs', 'both.mjs'])
    await copyFile(fileURLToPath(new URL(`programs/${name}`, import.meta.url)), join(project.folder, name));
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

describe('the packages in a CommonJS project', () => {
  it('run an echo bot by require() alone, without a warning', async () => {
    expect(await node(...COMMONJS_ONLY, 'bot.cjs')).toBe(ALL_CLASSES);
  });

  it('let their package.json be required', async () => {
    await project.write(
      'versions.cjs',
      `console.log(${JSON.stringify(NAMES)}.map((name) => require(name + '/package.json').name).join());`,
    );
    expect(await node('versions.cjs')).toBe(`${NAMES.join(',')}\n`);
  });

  it("run it in a test of jest's default mode", async () => {
    const guide = await readFile(new URL('../../../docs/javascript-and-commonjs.md', import.meta.url), 'utf8');
    const [test = ''] = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].flatMap(([, code = '']) =>
      /^test\(/m.test(code) ? [code] : [],
    );
    expect(test).toContain('echo: hi');
    await project.write('bot.test.js', test);
    await node('node_modules/jest/bin/jest.js', '--no-cache', '--testEnvironment=node');
  });

  it('run it in a test of vitest', async () => {
    const guide = await readFile(new URL('../../../docs/testing-your-bot.md', import.meta.url), 'utf8');
    const [, test = ''] = /^```js\n((?:(?!^```).)*from 'vitest';.*?)^```$/ms.exec(guide) ?? [];
    expect(test).toContain('echo: hi');
    await project.write('bot.spec.mjs', test);
    await node('node_modules/vitest/vitest.mjs', 'run', 'bot.spec.mjs');
  });

  it('know the errors, secrets and clocks of the other form, for a program may load both', async () => {
    expect(await node('both.mjs')).toBe('true,true,true,true\necho: hi\n');
  });
});

describe('a bot and the simulator in one file', () => {
  it.each([
    ['cjs', 'bot.cjs', 'esbuild.cjs', ALL_CLASSES],
    ['cjs', 'bot.mjs', 'esbuild-esm.cjs', 'echo: hi\n'],
    ['esm', 'bot.mjs', 'esbuild.mjs', 'echo: hi\n'],
  ] as const)('made by esbuild as %s from %s, answer', async (format, entry, outfile, printed) => {
    const code = await readFile(join(project.folder, entry), 'utf8');
    // Top-level await is no CommonJS.
    const contents = format === 'cjs' ? code.replace(/^(import .*\n)+/, '$&\nvoid (async () => {') : code;
    const { warnings } = await build({
      stdin: { contents: contents === code ? code : `${contents}})();`, resolveDir: project.folder },
      outfile: join(project.folder, outfile),
      bundle: true,
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
      format,
      // What is CommonJS itself (ws, undici) asks for Node's modules by require().
      ...(format === 'esm' && {
        banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
      }),
    });
    expect(warnings.map(({ text }) => text)).toEqual([]);
    expect(await node(outfile)).toBe(printed);
  });

  it('made by webpack, answer', async () => {
    await project.write(
      'webpack.mjs',
      `import webpack from 'webpack';
       webpack({ mode: 'production', optimization: { minimize: false }, target: 'node20', entry: './bot.cjs', devtool: false,
         output: { path: process.cwd(), filename: 'webpacked.cjs' },
         externals: { bufferutil: 'bufferutil', 'utf-8-validate': 'utf-8-validate' } }, (error, stats) => {
         if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exitCode = 1; }
       });`,
    );
    await node('webpack.mjs');
    expect(await node('webpacked.cjs')).toBe(ALL_CLASSES);
  });

  it('made by vite for a server, answer', async () => {
    await project.write(
      'vite.mjs',
      `import { build } from 'vite';
       await build({ configFile: false, logLevel: 'silent', ssr: { noExternal: true, external: ['ws', 'undici'] },
         build: { ssr: 'bot.mjs', outDir: 'vite', minify: false } });`,
    );
    await node('vite.mjs');
    expect(await node('vite/bot.mjs').catch(() => node('vite/bot.js'))).toBe('echo: hi\n');
  });
});
