import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Agent, connectAgent } from '@lp/agent';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

const QUESTIONS = [
  { id: 1, category: 'free_text' },
  { id: 2, category: 'single_choice', replies: [{ id: 10 }, { id: 11 }] },
  { id: 3, category: 'date' },
];
const ANSWERS = [
  { id: 1, questionStatus: 'answer', freeTextReply: 'handled by a bot' },
  { id: 2, questionStatus: 'answer', replyIds: [10] },
  { id: 3, questionStatus: 'show' },
];
let simulator: Simulator;
let supervisor: Agent;

beforeEach(async () => {
  simulator = await startSimulator({
    agents: [{ username: 'bot' }, { username: 'supervisor' }],
    skills: [{ id: '7', agentSurvey: QUESTIONS }],
  });
  const { username = '', password = '' } = simulator.agents[1] ?? {};
  supervisor = await connectAgent({ ...simulator.connectOptions, credentials: { username, password } });
});

afterEach(async () => {
  await supervisor.close();
  await simulator.close();
});

async function surveyOf({ conversationId }: SimulatedChat): Promise<unknown[]> {
  const { agentSurveyContext, questions = [] } = await supervisor.survey.state({ conversationId, skillId: '7' });
  return [agentSurveyContext?.agentSurveyStatus, questions.map(({ questionState }) => questionState)];
}

const startChat = (message: string, skillId = '7') => simulator.consumer().startConversation({ skillId, message });

describe('the agent-survey bot', () => {
  it('keeps a draft from the start and submits it when told to', async () => {
    const outcome = await runExample(simulator, 'agent-survey-bot', {
      during: async () => {
        const chat = await startChat('submit');
        expect((await chat.next(PATIENCE)).text).toBe('The survey is done: submit.');
        expect(await surveyOf(chat)).toEqual(['submitted', ANSWERS]);
        await chat.say('dismiss');
        expect((await chat.next()).text).toBe('There is no open survey.');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('dismisses it when told to', async () => {
    await runExample(simulator, 'agent-survey-bot', {
      during: async () => {
        const chat = await startChat('dismiss');
        expect((await chat.next(PATIENCE)).text).toBe('The survey is done: dismiss.');
        expect(await surveyOf(chat)).toEqual(['dismissed', expect.anything()]);
      },
    });
  });

  it('submits at the end of the conversation, and keeps the draft when only the bot ends', async () => {
    const kept = await startChat('hi');
    const closed = await startChat('hi');
    await runExample(simulator, 'agent-survey-bot', {
      during: async () => {
        for (const chat of [kept, closed]) await chat.waitForEvent(({ event }) => event['status'] === 'READ', PATIENCE);
        await closed.close();
      },
    });
    expect(await surveyOf(kept)).toEqual(['open', ANSWERS]);
    expect(await surveyOf(closed)).toEqual(['submitted', ANSWERS]);
  });

  it('goes on without a survey where the skill has none', async () => {
    const outcome = await runExample(simulator, 'agent-survey-bot', {
      during: async () => {
        const chat = await startChat('submit', '8');
        expect((await chat.next(PATIENCE)).text).toBe('There is no open survey.');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
