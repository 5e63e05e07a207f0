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

describe('the form bot', () => {
  it('asks three questions by name and by press, and goes on after a restart', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'order' });
    await runExample(simulator, 'form-bot', {
      during: async () => {
        await chat.next(PATIENCE);
        await chat.click('Medium');
        expect((await chat.next(PATIENCE)).text).toBe('How many?');
      },
    });
    await chat.say('3');
    const outcome = await runExample(simulator, 'form-bot', {
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toBe('3 × Medium?');
        await chat.click('No');
        expect((await chat.next(PATIENCE)).text).toBe('Nothing was ordered.');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(answers(chat)).toEqual(['Which size?', 'How many?', '3 × Medium?', 'Nothing was ordered.']);
  });

  it('lets the consumer out of a question', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'order' });
    const outcome = await runExample(simulator, 'form-bot', {
      during: async () => {
        await chat.next(PATIENCE);
        await chat.say('cancel');
        expect((await chat.next(PATIENCE)).text).toMatch(/^Say "order"/);
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
