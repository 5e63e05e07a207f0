import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import ts from 'typescript';
import { environment, LONGEST_MS, PATIENCE } from '../examples/support.ts';
import { root, runProgram } from '../run-program.ts';
import { codeBlocks } from './documents.ts';

jest.setTimeout(LONGEST_MS);

// Below this package, so that a program finds the packages as a user's does.
const FOLDER = join(root, 'packages/e2e/node_modules/.cache/programs-of-documents');

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
  mkdirSync(FOLDER, { recursive: true });
});

afterAll(async () => {
  await simulator.close();
  rmSync(FOLDER, { recursive: true });
});

/** Writes the first program of a document that holds this text, as JavaScript; gives its path. */
function programOf(document: string, text: string): string {
  const block = codeBlocks(document).find(({ language, code }) => /^[jt]s$/.test(language) && code.includes(text));
  if (!block) throw new Error(`${document} has no such program`);
  const { outputText } = ts.transpileModule(block.code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const path = join(FOLDER, `${document.replaceAll(/\W/g, '-')}.mjs`);
  writeFileSync(path, outputText);
  return path;
}

describe('the programs in the documents', () => {
  it.each(['README.md', 'docs/getting-started.md'])('%s: the bot answers', async (document) => {
    const path = programOf(document, 'agent.serve');
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    await runProgram(path, {
      env: environment(simulator),
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toBe('echo: hello');
      },
    });
    await chat.close();
  });

  // verifies: readme:simulator
  it('docs/testing-your-bot.md: the test passes', async () => {
    const { exitCode, stdout } = await runProgram(programOf('docs/testing-your-bot.md', "from 'node:test'"));
    expect(stdout).toMatch(/pass 1$/m);
    expect(exitCode).toBe(0);
  });

  // verifies: sim:clock
  it('docs/testing-your-bot.md: a manual clock works for both sides', async () => {
    const { exitCode, stderr } = await runProgram(programOf('docs/testing-your-bot.md', 'createManualClock'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('docs/simulator.md: the first program prints its answer', async () => {
    const { exitCode, stdout } = await runProgram(programOf('docs/simulator.md', 'startConversation'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'echo: hi\n' });
  });
});
