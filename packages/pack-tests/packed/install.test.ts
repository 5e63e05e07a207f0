import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { createEmptyProject, tarballOf, tarballs } from './project.ts';

const INSTALL = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];

it('all tarballs install into an empty project by one command, and a bot runs there', async () => {
  await using project = await createEmptyProject();
  await project.run('npm', ...INSTALL, ...tarballs.values());
  await copyFile(fileURLToPath(new URL('programs/bot.mjs', import.meta.url)), join(project.folder, 'bot.mjs'));
  expect(await project.run(process.execPath, 'bot.mjs')).toBe('echo: hi\n');
});

it('@lp/schemas brings zod and nothing else', async () => {
  await using project = await createEmptyProject();
  await project.run('npm', ...INSTALL, tarballOf('@lp/schemas'));
  const installed = await readdir(join(project.folder, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.')).sort()).toEqual(['@lp', 'zod']);
  expect(await readdir(join(project.folder, 'node_modules', '@lp'))).toEqual(['schemas']);
  await project.write('use.cjs', `console.log(typeof require('@lp/schemas').decodeFrame);`);
  expect(await project.run(process.execPath, 'use.cjs')).toBe('function\n');
});
