import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { answers, LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

const QUESTION = 'How satisfied are you with our service?';
const env = { LP_APP_INSTALL_ID: 'stars' };
let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({
    skills: [
      { id: '7', survey: { appInstallId: 'stars' } },
      { id: '8', survey: { appInstallId: 'of somebody else' } },
    ],
  });
});

afterEach(async () => {
  await simulator.close();
});

async function inSurvey(skillId: string): Promise<SimulatedChat> {
  const chat = await simulator.consumer().startConversation({ skillId, message: 'hi' });
  await chat.close();
  return chat;
}

describe('the post-survey bot', () => {
  it('asks with stars, marks what is not an answer, and closes its dialog with the one that is', async () => {
    const chat = await inSurvey('7');
    const { conversationId } = chat;
    const outcome = await runExample(simulator, 'post-survey-bot', {
      env,
      during: async ({ printed }) => {
        const question = await chat.next(PATIENCE);
        expect(question.text).toBe(QUESTION);
        expect(question.metadata).toEqual([expect.objectContaining({ type: 'Question', id: '1', surveyId: '1' })]);
        const { sequence } = await chat.say('quite');
        const { frame } = await simulator.waitForRequest('PublishEvent', ({ text }) => text.includes('ENRICH'));
        expect(frame).toMatchObject({
          metadata: [{ type: 'InvalidAnswer', questionId: '1', surveyId: '1', provider: 'External' }],
          body: { dialogId: question.dialogId, event: { sequenceList: [sequence] } },
        });
        expect((await chat.next()).text).toMatch(/did not understand/);
        expect((await chat.next()).text).toBe(QUESTION);
        await chat.click('⭐⭐⭐⭐');
        expect((await chat.next()).text).toMatch(/Thank you/);
        await chat.closed;
        await printed(new RegExp(`${conversationId}: 4 of 5`));
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    const { frame } = await simulator.waitForRequest('UpdateConversationField', ({ text }) =>
      text.includes('closedCause'),
    );
    expect(JSON.stringify(frame)).toContain('"closedBy":"AGENT","closedCause":"Completed"');
  });

  it('asks once, and takes up the answer that was given while it was not running', async () => {
    const chat = await inSurvey('7');
    await runExample(simulator, 'post-survey-bot', { env, during: async () => void (await chat.next(PATIENCE)) });
    await chat.say('3');
    const outcome = await runExample(simulator, 'post-survey-bot', {
      env,
      during: async ({ printed }) => {
        await printed(/3 of 5/);
        await chat.closed;
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(answers(chat).filter((text) => text === QUESTION)).toHaveLength(1);
  });

  it('leaves the survey of another installation alone', async () => {
    const foreign = await inSurvey('8');
    await runExample(simulator, 'post-survey-bot', {
      env,
      during: async () => {
        const mine = await inSurvey('7');
        await mine.next(PATIENCE);
      },
    });
    expect(answers(foreign)).toEqual([]);
  });
});
