import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { root, runProgram } from '../run-program.ts';
import { environment, LONGEST_MS } from './support.ts';

jest.setTimeout(LONGEST_MS);

const NO_EXAMPLES = ['demo', 'shared'];
// These show a whole program with nothing around it, so they read their environment themselves.
const STAND_ALONE = ['echo-bot', 'fleet-bot'];
const names = readdirSync(`${root}examples`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_EXAMPLES.includes(entry.name))
  .map(({ name }) => name);
// All go through the same function, so two show what it does: one that serves and one that loops.
const SAMPLES = ['social-bot', 'greeting-bot', 'echo-bot'];
/** What a program wants besides an account. */
const NEEDS: Record<string, RegExp> = {
  'close-conversations': /SKILL_ID/,
  'handoff-bot': /LP_HANDOFF_SKILL/,
  'llm-bot': /LLM_MODEL/,
  'one-off-script': /CONVERSATION_ID/,
  'post-survey-bot': /LP_APP_INSTALL_ID/,
  'return-to-same-agent': /LP_FALLBACK_SKILL/,
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

  it.each(SAMPLES)('%s says in one line that no account is set', async (name) => {
    const { exitCode, stderr } = await runProgram(`examples/${name}/dist/main.js`);
    expect({ exitCode, oneLine: oneLine(stderr) }).toEqual({ exitCode: 1, oneLine: true });
    expect(stderr).toMatch(new RegExp(`^${name}: no account is set.*--simulator`));
  });

  it.each(SAMPLES)('%s says in one line that the password is wrong, and does not show it', async (name) => {
    const { exitCode, stderr } = await runProgram(`examples/${name}/dist/main.js`, {
      env: { ...environment(simulator), LP_PASS: 'not-the-password' },
    });
    expect({ exitCode, oneLine: oneLine(stderr) }).toEqual({ exitCode: 1, oneLine: true });
    expect(stderr).toMatch(new RegExp(`^${name}: .*password`));
    expect(stderr).not.toContain('not-the-password');
  });

  it.each(Object.keys(NEEDS))('%s says in one line what else it needs', async (name) => {
    const { exitCode, stderr } = await runProgram(`examples/${name}/dist/main.js`, { env: environment(simulator) });
    expect({ exitCode, oneLine: oneLine(stderr) }).toEqual({ exitCode: 1, oneLine: true });
    expect(stderr).toMatch(NEEDS[name] ?? /never/);
  });

  it.each(names.filter((name) => ![...STAND_ALONE, 'typed-consumer'].includes(name)))(
    '%s is run under its own name',
    (name) => {
      const main = readFileSync(`${root}examples/${name}/src/main.ts`, 'utf8');
      expect(main).toMatch(new RegExp(`^await run\\(\\s*'${name}',`, 'm'));
    },
  );

  it('has a package that says what it shows', () => {
    for (const name of names) {
      const file = JSON.parse(readFileSync(`${root}examples/${name}/package.json`, 'utf8')) as Record<string, unknown>;
      expect(file).toMatchObject({ name: `@lp-examples/${name}`, private: true, description: expect.any(String) });
    }
  });
});
