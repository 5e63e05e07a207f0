import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { root, runProgram } from '../run-program.ts';
import { environment, LONGEST_MS } from './support.ts';

jest.setTimeout(LONGEST_MS);

const OTHERS = ['demo', 'echo-bot', 'shared'];
const names = readdirSync(`${root}examples`).filter((name) => !OTHERS.includes(name));
const bots = names.filter((name) => name !== 'typed-consumer');
/** What a program wants besides an account. */
const NEEDS: Record<string, { env?: Record<string, string>; parameters?: string[]; hint: RegExp }> = {
  'close-conversations': { parameters: ['7'], hint: /SKILL_ID/ },
  'one-off-script': { parameters: ['some-conversation'], hint: /CONVERSATION_ID/ },
  'post-survey-bot': { env: { LP_APP_INSTALL_ID: 'stars' }, hint: /LP_APP_INSTALL_ID/ },
  'return-to-same-agent': { env: { LP_FALLBACK_SKILL: '7' }, hint: /LP_FALLBACK_SKILL/ },
};

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(async () => {
  await simulator.close();
});

const oneLine = (text: string): boolean => text.trim().split('\n').length === 1;

describe('every example', () => {
  it.each(names)('%s runs on a simulator with one command', async (name) => {
    const outcome = await runProgram(`examples/${name}/dist/main.js`, { parameters: ['--simulator'] });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout.trim().split('\n').length).toBeGreaterThan(1);
  });

  it.each(bots)('%s says in one line that no account is set', async (name) => {
    const { exitCode, stderr } = await runProgram(`examples/${name}/dist/main.js`);
    expect({ exitCode, oneLine: oneLine(stderr) }).toEqual({ exitCode: 1, oneLine: true });
    expect(stderr).toMatch(new RegExp(`^${name}: no account is set.*--simulator`));
  });

  it.each(bots)('%s says in one line that the password is wrong, and does not show it', async (name) => {
    const { env = {}, parameters = [] } = NEEDS[name] ?? {};
    const { exitCode, stderr } = await runProgram(`examples/${name}/dist/main.js`, {
      env: { ...environment(simulator), ...env, LP_PASS: 'not-the-password' },
      parameters,
    });
    expect({ exitCode, oneLine: oneLine(stderr) }).toEqual({ exitCode: 1, oneLine: true });
    expect(stderr).toMatch(new RegExp(`^${name}: .*password`));
    expect(stderr).not.toContain('not-the-password');
  });

  it.each(Object.keys(NEEDS))('%s says in one line what else it needs', async (name) => {
    const { exitCode, stderr } = await runProgram(`examples/${name}/dist/main.js`, { env: environment(simulator) });
    expect({ exitCode, oneLine: oneLine(stderr) }).toEqual({ exitCode: 1, oneLine: true });
    expect(stderr).toMatch(NEEDS[name]?.hint ?? /never/);
  });

  it('has a package that says what it shows', () => {
    for (const name of names) {
      const file = JSON.parse(readFileSync(`${root}examples/${name}/package.json`, 'utf8')) as Record<string, unknown>;
      expect(file).toMatchObject({ name: `@lp-examples/${name}`, private: true, description: expect.any(String) });
    }
  });
});
