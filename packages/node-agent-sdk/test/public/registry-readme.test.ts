import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type PackageName, setStage } from '../support/program.ts';

// The registry's package comes without its examples; its README has a first program, and a call of each request.
const readme = readFileSync(join(import.meta.dirname, '../../node_modules/node-agent-sdk/README.md'), 'utf8');
const blocks = [...readme.matchAll(/```(?:javascript|js)\n(.*?)```/gs)].map(([, code = '']) => code);
const quickStart = blocks.find((code) => code.includes("require('node-agent-sdk')")) ?? '';

const parses = (code: string): boolean => {
  try {
    return new Script(`(agent) => {${code}}`) instanceof Script;
  } catch {
    return false;
  }
};
// What is not JavaScript, names a request that is not one, or reads a name that it does not have, is the README's own mistake.
const calls = blocks.filter(
  (code) =>
    /^agent\.(?!on\(|someRequest)/.test(code) && parses(code) && !/\(e, res\) =>[^]*console\.log\(resp\)/.test(code),
);

/** The calls as they stand, one after the other, in a program. */
const everyCall = `
const { Agent } = require('node-agent-sdk');
const { LP_ACCOUNT: accountId, LP_USER: username, LP_PASS: password } = process.env;
const [consumerId, conversationId, dialogId, targetSkillId] = ['consumer-1', 4, 2, '7'];
const agent = new Agent({ accountId, username, password });
agent.on('error', (error) => console.log(error.message));
agent.once('connected', () => {
${calls.map((code) => `(() => {\n${code}\n})();`).join('\n')}
  agent.getClock({}, () => {
    console.log('all answered');
    agent.dispose();
  });
});
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-readme-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a program prints and asks, on one of the packages. */
async function run(code: string, as: PackageName, until: string): Promise<{ printed: string[]; requests: string[] }> {
  mkdirSync(join(folder, 'program'), { recursive: true });
  writeFileSync(join(folder, 'program', 'index.js'), code);
  const stage = await setStage();
  try {
    await stage.simulator.consumer({ consumerId: 'consumer-1', firstName: 'Ada' }).startConversation({ message: 'hi' });
    const program = stage.run(join(stage.place(join(folder, 'program'), as), 'index.js'), { loopback: true });
    await program.printed(until);
    await program.end('SIGKILL');
    const requests = stage.simulator.recentFrames
      .filter(({ kind, direction }) => kind === 'agent' && direction === 'in')
      .map(({ text }) => text.replace(/"id":"[^"]*"/, '"id":"FRAME"').replace(/"newerThanSequence":-?\d+/, 'N'));
    const printed = program
      .output()
      .split('\n')
      .map((line) =>
        line
          .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
          .replace(/(?<!\d)1\d{9}(\d{3})?(?!\d)/g, 'TIME')
          .replace(/\d\d-\d\d-\d{4}_[\d-]+/g, 'TIME')
          .replace(/[0-9a-f]{40}/g, 'SIGNATURE')
          // A refusal is an Error on purpose.
          .replace('e: [object Object]', 'e: Error: .ams.ms.PublishEvent was refused with 400')
          // The version in the registry took the account out of a conversation; the last one left it.
          .replace(/"brandId":"le12345678",("state":"OPEN")/g, '$1'),
      );
    return { printed, requests };
  } finally {
    await stage.end();
  }
}

describe('the README of the registry’s package', () => {
  it('has a first program that does with this package what it does with that', async () => {
    const old = await run(quickStart, 'old', '"changes":[{');
    expect(await run(quickStart, 'ours', '"changes":[{')).toEqual(old);
    expect(old.printed.join()).toContain('subscribed successfully null');
  });

  it('has calls of every request that are sent and answered as with that', async () => {
    const old = await run(everyCall, 'old', 'all answered');
    expect(await run(everyCall, 'ours', 'all answered')).toEqual(old);
    expect(old.requests.length).toBeGreaterThan(18);
  });
});
