import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { type SimulatorOptions, startSimulator } from '@lp/simulator';

const refusal = async (options: unknown): Promise<unknown> => {
  try {
    await (await startSimulator(options as SimulatorOptions)).close();
    return undefined;
  } catch (error) {
    return error;
  }
};
const skill = (fields: object) => ({ skills: [{ id: '1', ...fields }] });
const agent = (fields: object) => ({ agents: [{ username: 'ada', ...fields }] });

describe('starting refuses', () => {
  it.each<[string, unknown, string]>([
    ['a list for options', [], 'must be an object'],
    ['skills that are no list', { skills: {} }, 'skills must be a list'],
    ['skills that are null', { skills: null }, 'skills must be a list'],
    ['a skill that is none', { skills: [null] }, 'skills[0]'],
    ['two skills of one id', { skills: [{ id: '1' }, { id: '1' }] }, 'two skills have the same id'],
    ['a survey that ends after a text', skill({ survey: { appInstallId: 'x', timeoutMs: '5' } }), 'timeoutMs'],
    ['questions that are no list', skill({ agentSurvey: {} }), 'agentSurvey'],
    ['a shift that is a text', skill({ shift: { onShift: 'no' } }), 'onShift'],
    ['an account id that is a number', { accountId: 5 }, 'accountId'],
    ['a clock without methods', { clock: {} }, 'clock'],
    ['a clock that is null', { clock: null }, 'clock'],
    ['a time that is a text', { idleTimeoutMs: '5' }, 'idleTimeoutMs'],
    ['TLS that is a text', { tls: 'yes' }, 'tls must be true or false'],
    ['apps of agents nobody is', { apps: [{ users: ['eve'] }] }, 'apps[0].users'],
    ['an empty pid', agent({ pid: '' }), 'agents[0].pid'],
    ['a userId that is a number', agent({ userId: 5 }), 'agents[0].userId must be a text'],
    ['the userId of the CONTROLLER', agent({ userId: '1' }), "the account's own CONTROLLER"],
    ['the pid of the CONTROLLER', agent({ pid: '00000000-0000-4000-8000-000000000001' }), 'CONTROLLER'],
    ['an origin that no page has', { allowedOrigins: ['ws://localhost:1'] }, 'allowedOrigins'],
  ])('%s', async (_what, options, text) => {
    const error = await refusal(options);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(text);
  });
});

describe('faults refuse', () => {
  it('a Retry-After that no header can hold, and a list for options', async () => {
    await using simulator = await startSimulator();
    expect(() => simulator.faults.failLogin(429, { retryAfter: '5\r\nx: y' })).toThrow('retryAfter');
    expect(() => simulator.faults.freeze([] as object)).toThrow('must be an object');
  });
});
