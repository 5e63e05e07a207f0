import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ProtectedSession, protectSession } from '../src/session.ts';

const SECRETS = { bearer: 'bearer-marker', csrf: 'csrf-marker', cookies: 'session_id=cookie-marker' };
const FACTS = { userId: '7', agentId: 'pid', expiresAt: 1, loginName: 'bot' };

describe.each([
  ['of a login', new ProtectedSession({ ...SECRETS, ...FACTS })],
  ['of a provider', protectSession({ ...SECRETS, ...FACTS })],
])('a session %s', (_name, session) => {
  // verifies: kept:tokens
  it('gives its secrets by name', () => {
    expect([session.bearer, session.csrf, session.cookies]).toEqual(Object.values(SECRETS));
  });

  it('shows its facts', () => {
    expect(session).toMatchObject(FACTS);
    expect(Object.assign({}, session)).toEqual(FACTS);
    expect(JSON.parse(JSON.stringify(session))).toEqual(FACTS);
    expect(inspect(session)).toContain("agentId: 'pid'");
  });

  it.each<[string, (value: object) => string]>([
    ['JSON', (value) => JSON.stringify(value)],
    ['inspect', (value) => inspect(value)],
    ['inspect, all the way', (value) => inspect(value, { depth: 9, showHidden: true, getters: true })],
    [
      'inspect inside others',
      (value) => inspect({ a: [new Map([['session', value]])] }, { depth: 9, showHidden: true }),
    ],
    ['keys and values', (value) => JSON.stringify(Object.entries(value))],
    [
      'for in',
      (value) => {
        const found: string[] = [];
        for (const key in value) found.push(key, String((value as Record<string, unknown>)[key]));
        return found.join();
      },
    ],
    ['a structured clone', (value) => inspect(structuredClone(value), { depth: 9, showHidden: true })],
    ['own property descriptors', (value) => inspect(Object.getOwnPropertyDescriptors(value), { depth: 9 })],
  ])('keeps its secrets out of %s', (_name, print) => {
    expect(print(session)).not.toContain('marker');
  });
});

it('leaves out facts that it does not have', () => {
  expect(Object.keys(new ProtectedSession({ bearer: 'b', userId: '1' }))).toEqual(['userId']);
});

it('is not wrapped twice', () => {
  const session = protectSession({ bearer: 'b', userId: '1' });
  expect(protectSession(session)).toBe(session);
});
