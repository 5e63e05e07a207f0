import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { createProject } from './project.ts';

it('the packages run an echo bot in a CommonJS project, by require() and without a warning', async () => {
  await using project = await createProject({ type: 'commonjs' }, [
    '@lp/agent',
    '@lp/auth',
    '@lp/core',
    '@lp/simulator',
    '@lp/transport',
  ]);
  await copyFile(fileURLToPath(new URL('programs/bot.cjs', import.meta.url)), join(project.folder, 'bot.cjs'));
  // A warning would be an error here.
  const printed = await project.run(process.execPath, '--throw-deprecation', '--trace-warnings', 'bot.cjs');
  expect(printed).toBe('echo: hi\nfunction,function,function,function,function\n');
});
