import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProject, type Project } from './project.ts';

const NAMES = ['@lp/agent', '@lp/auth', '@lp/core', '@lp/schemas', '@lp/simulator', '@lp/transport'];
// As docs/javascript-and-commonjs.md names them.
const VERSIONS = { bun: '1.4.5', deno: '2.9.6' };
const ALL_CLASSES = 'echo: hi\nfunction,function,function,function,function\n';

const { arch, platform } = process;
/** The packages that hold the programs; those named `bun` and `deno` put them in place by a script at installation. */
const PROGRAMS = {
  bun: `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`,
  deno: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno`,
};

let project: Project;
const program = (name: keyof typeof PROGRAMS) => join(project.folder, 'node_modules', PROGRAMS[name]);

beforeAll(async () => {
  project = await createProject({ type: 'commonjs' }, NAMES, VERSIONS);
  for (const name of ['bot.cjs', 'bot.mjs'])
    await copyFile(fileURLToPath(new URL(`programs/${name}`, import.meta.url)), join(project.folder, name));
  await Promise.all([chmod(program('bun'), 0o755), chmod(program('deno'), 0o755)]);
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

describe.each([
  ['bun', []],
  ['deno', ['run', '--allow-all', '--no-lock', '--no-remote']],
] as const)('%s', (name, parameters) => {
  it('runs an echo bot as an ES module', async () => {
    expect(await project.run(program(name), ...parameters, 'bot.mjs')).toBe('echo: hi\n');
  });

  it('runs an echo bot as CommonJS', async () => {
    expect(await project.run(program(name), ...parameters, 'bot.cjs')).toBe(ALL_CLASSES);
  });
});

it('bun is told what it cannot have: a proxy that its sockets would go around', async () => {
  await project.write(
    'proxy.mjs',
    `import { connectAgent } from '@lp/agent';
     const options = { accountId: '1', credentials: { username: 'u', password: 'p' }, proxy: 'http://127.0.0.1:1' };
     await connectAgent(options).catch(({ name, message }) => console.log(name + ': ' + message));`,
  );
  expect(await project.run(program('bun'), 'proxy.mjs')).toMatch(/^ConfigError: proxy cannot be used under Bun/);
});
