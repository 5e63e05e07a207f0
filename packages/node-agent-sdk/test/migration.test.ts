import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Agent, type AgentEvents, AgentSurveyClient } from '@lp/node-agent-sdk';
import { Agent as OldAgent } from 'node-agent-sdk';
import { startRawFixture } from './support/raw-fixture.ts';

const guide = readFileSync(new URL('../../../docs/migrating-from-node-agent-sdk.md', import.meta.url), 'utf8');
const [, section = ''] = /## What is gained by moving on\n([^]*?)\n## /.exec(guide) ?? [];
/** Of each row of the section's tables: what is old, what is new, and what that gives. */
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| old'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
const old = rows.map(([cell]) => cell).join('\n');
const isTold = (name: string) => new RegExp(`\`[^\`]*\\b${name}\\b`).test(old);

// Every name that `AgentEvents` has: the compiler sees to it.
const events: Readonly<Record<keyof AgentEvents, true>> = {
  connected: true,
  closed: true,
  error: true,
  success: true,
  warn: true,
  'message:sent': true,
  notification: true,
  'cqm.ExConversationChangeNotification': true,
  'ms.MessagingEventNotification': true,
  'routing.RoutingTaskNotification': true,
  'routing.AgentStateNotification': true,
  deprecated: true,
  GenericSubscribeResponse: true,
};

const methodsOf = (kind: { prototype: object }): string[] =>
  Object.getOwnPropertyNames(kind.prototype).filter((name) => name !== 'constructor' && !name.startsWith('_'));

describe('the guide to moving on', () => {
  it('tells of each method of the agent, here and in the old package, and of the survey client', () => {
    const methods = [Agent, OldAgent, AgentSurveyClient].flatMap((kind) => methodsOf(kind));
    expect(methods.length).toBeGreaterThan(10);
    expect(methods.filter((name) => !isTold(name))).toEqual([]);
  });

  it('tells of each request and each field that stands on an agent', async () => {
    const fixture = await startRawFixture();
    const agent = await fixture.connected();
    // What an emitter has of its own, and what the fixture puts on it.
    const fields = Object.keys(agent).filter((name) => !/^_(events|maxListeners)|emit/.test(name));
    await fixture.end();
    expect(fields.length).toBeGreaterThan(20);
    expect(fields.filter((name) => !isTold(name))).toEqual([]);
  });

  it('tells of each event', () => {
    expect(Object.keys(events).filter((name) => !isTold(name))).toEqual([]);
  });

  it('says of each what to write, and what is gained or that nothing is', () => {
    expect(rows.length).toBeGreaterThan(35);
    const silent = rows.filter(
      ([, written = '', gained = '']) => written === '' || (gained === '' && !/nothing|promise/.test(written)),
    );
    expect(silent).toEqual([]);
  });
});

describe('the README', () => {
  it('says how many lines the package has, to the nearest hundred', () => {
    const source = new URL('../src/', import.meta.url);
    const lines = readdirSync(source).flatMap((name) => readFileSync(new URL(name, source), 'utf8').split('\n'));
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, said = ''] = /It is about ([\d,]+) lines/.exec(readme) ?? [];
    expect(Math.abs(Number(said.replace(',', '')) - lines.length)).toBeLessThanOrEqual(100);
  });
});
