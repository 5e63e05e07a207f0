import { copyFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEmptyProject, type Project } from './project.ts';
import { startRegistry } from './registry.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = fileURLToPath(new URL('programs/', import.meta.url));
const native = createRequire(join(root, 'package.json')).resolve('@typescript/native/package.json');

let project: Project;
beforeAll(async () => {
  project = await createEmptyProject();
  await using registry = await startRegistry();
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const from = [`--@lp:registry=${registry.url}`, ...quiet];
  await project.run('npm', 'install', 'node-agent-sdk@npm:@lp/node-agent-sdk', ...from);
  await project.run('npm', 'install', '@lp/simulator', 'typescript@5.4.5', '@types/node@20.19.43', ...from);
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const print = async (name: string, text: string): Promise<string> => {
  await project.write(name, text);
  return project.run(process.execPath, name);
};

describe('installed under the old name by an alias', () => {
  it('brings none of what the old package stood on, deprecated or gone', async () => {
    const installed = await readdir(join(project.folder, 'node_modules'));
    expect(installed).toContain('node-agent-sdk');
    for (const name of ['request', 'axios', 'async', 'uuid', 'node-cache']) expect(installed).not.toContain(name);
  });

  it('is required as ever', async () => {
    const text = `
      const { Agent, AgentSurveyClient } = require('node-agent-sdk');
      const same = ['', '.js'].every((end) => require('node-agent-sdk/lib/AgentSDK' + end) === Agent
        && require('node-agent-sdk/lib/AgentSurveyClient' + end) === AgentSurveyClient);
      console.log(same, typeof require('node-agent-sdk/package.json').version, new (class extends Agent {})({ accountId: '1', token: 't', userId: 'u' }).dispose());`;
    expect(await print('required.cjs', text)).toBe('true string undefined\n');
  });

  it('is imported, by name and whole', async () => {
    const text = `
      import sdk, { Agent } from 'node-agent-sdk';
      import Same from 'node-agent-sdk/lib/AgentSDK';
      console.log(sdk.Agent === Agent, Same === Agent);`;
    expect(await print('imported.mjs', text)).toBe('true true\n');
  });

  it('runs a bot of the old form', async () => {
    await copyFile(
      join(root, 'packages/node-agent-sdk/test/programs/echo-bot.cjs'),
      join(project.folder, 'echo-bot.cjs'),
    );
    await copyFile(join(programs, 'run-old-bot.mjs'), join(project.folder, 'run-old-bot.mjs'));
    expect(await project.run(process.execPath, 'run-old-bot.mjs')).toBe('echo: hi\n');
  });
});

describe('its types', () => {
  const compilers = {
    // The lowest that is supported.
    'TypeScript 5.4': () => join(project.folder, 'node_modules/typescript/bin/tsc'),
    'TypeScript 7': () => join(dirname(native), 'bin/tsc'),
  };
  const strict = { target: 'es2022', lib: ['es2022', 'esnext.disposable'], types: ['node'], strict: true };
  const commonjs = { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true };
  const node16 = { module: 'node16', moduleResolution: 'node16' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };

  it.each([
    ['TypeScript 5.4', 'node10', commonjs],
    ['TypeScript 5.4', 'node16', node16],
    ['TypeScript 5.4', 'bundler', bundler],
    ['TypeScript 7', 'node16', node16],
    ['TypeScript 7', 'bundler', bundler],
  ] as const)('hold for a program of the old form: %s, %s', async (compiler, _, options) => {
    await copyFile(join(programs, 'old-types.ts'), join(project.folder, 'old-types.ts'));
    const compilerOptions = { ...strict, ...options, skipLibCheck: false, noEmit: true };
    await project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['old-types.ts'] }));
    expect(await project.run(process.execPath, compilers[compiler](), '-p', 'tsconfig.json')).toBe('');
  });
});
