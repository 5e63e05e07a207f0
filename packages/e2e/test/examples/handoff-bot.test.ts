import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { answers, LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  await simulator.close();
});

describe('the handoff bot', () => {
  it('answers what it knows, hands the rest to a skill, and is silent from then on', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'When do you open?' });
    const env = { LP_HANDOFF_SKILL: '42' };
    const outcome = await runExample(simulator, 'handoff-bot', {
      env,
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toMatch(/from 9 to 17/);
        await chat.say('My parcel is broken');
        await simulator.waitForRequest('UpdateConversationField', undefined, PATIENCE);
        await chat.say('Anybody?');
        await chat.say('When do you open?');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(answers(chat)).toEqual([expect.stringMatching(/9 to 17/), 'A colleague will be with you in a moment.']);
    const frames = simulator.recentFrames.filter(({ direction }) => direction === 'in').map(({ text }) => text);
    const transfer = frames.findIndex((text) => text.includes('UpdateConversationField'));
    expect(frames[transfer]).toMatch(/"skill":"42"/);
    expect(frames.slice(transfer).filter((text) => text.includes('.ams.ms.PublishEvent'))).toEqual([]);
    const summary = frames.find((text) => text.includes('AGENTS_AND_MANAGERS'));
    expect(summary).toMatch(/consumer: My parcel is broken/);
  });
});
