import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root, runProgram } from './run-program.ts';

describe('the demo', () => {
  it('prints a conversation as a person reads it, and exits 0 without a terminal', async () => {
    const { exitCode, stdout, stderr } = await runProgram('examples/demo/dist/main.js');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.split('\n').map((line) => line.trim());
    expect(lines).toContainEqual(expect.stringMatching(/^Ada, consumer\s+Hello, is anybody there\?$/));
    expect(lines).toContainEqual(expect.stringMatching(/^Echo bot\s+echo: Hello, is anybody there\?$/));
    expect(stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  });

  describe('with a bot that does not work', () => {
    let folder: string;

    // The demo finds the bot beside itself: a copy of it elsewhere finds the bot that a test puts there.
    beforeEach(() => {
      folder = mkdtempSync(join(root, 'examples/demo/node_modules/.demo-'));
      for (const name of ['demo', 'echo-bot']) mkdirSync(join(folder, name, 'dist'), { recursive: true });
      copyFileSync(join(root, 'examples/demo/dist/main.js'), join(folder, 'demo/dist/main.js'));
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    });

    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it('exits 1 with the reason', async () => {
      writeFileSync(join(folder, 'echo-bot/dist/main.js'), 'console.error("no tea left"); process.exitCode = 3;');
      const { exitCode, stderr } = await runProgram(join(folder, 'demo/dist/main.js'));
      expect(exitCode).toBe(1);
      expect(stderr.trim()).toBe('demo: the bot ended with exit code 3: no tea left');
    });
  });
});
