import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import type { SimulatedChat } from '@lp/simulator';
import { isStaleRevision } from '../../src/rest/index.ts';
import { first, startPlatform, type TestPlatform } from '../support/platform.ts';
import { startRestService } from './rest-service.ts';

const questions = [
  { id: 11, text: 'What was it about?' },
  { id: 12, text: 'Was it solved?' },
];

let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;

beforeEach(async () => {
  platform = await startPlatform({ skills: [{ id: '7', agentSurvey: questions }] });
  agent = await platform.connect();
  chat = await platform.simulator.consumer().startConversation({ skillId: '7', message: 'hello' });
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

describe('the survey of agents, on the platform', () => {
  const target = () => ({ conversationId: chat.conversationId, skillId: '7' });

  it('is read, kept as a draft and submitted, each time as of the revision seen last', async () => {
    const read = await agent.survey.state(target());
    expect(read).toMatchObject({ questions, agentSurveyContext: { agentSurveyStatus: 'open' } });
    expect(read.revision).toMatch(/^\d{19}$/);
    expect(read.agentSurveyContext?.stateRevision).toBe(read.revision);
    const draft = await agent.survey.saveDraft(target(), [
      { id: 11, questionStatus: 'answer', freeTextReply: 'a loan' },
    ]);
    expect(draft).toMatchObject({ agentSurveyStatus: 'open' });
    expect(draft.revision).not.toBe(read.revision);
    const answers = [{ id: 11, questionStatus: 'show' as const }];
    expect(await agent.survey.submit(target(), answers, draft)).toMatchObject({ agentSurveyStatus: 'submitted' });
  });

  it('is not changed as of a revision that is old', async () => {
    const { revision } = await agent.survey.full(target());
    await agent.survey.saveDraft(target(), []);
    const error = await agent.survey.dismiss(target(), { revision }).catch((reason: unknown) => reason);
    expect(isStaleRevision(error)).toBe(true);
    const fresh = await agent.survey.state(target());
    expect(await agent.survey.dismiss(target(), fresh)).toMatchObject({ agentSurveyStatus: 'dismissed' });
  });

  it('is refused where there is none', async () => {
    await expect(agent.survey.state({ ...target(), skillId: '8' })).rejects.toMatchObject({ status: 404 });
  });
});

describe('the history, on the platform', () => {
  it('holds a conversation with its messages', async () => {
    const search = { conversationId: chat.conversationId, contentToRetrieve: ['messageRecords' as const] };
    expect(await agent.history.conversation(search)).toMatchObject({
      info: { conversationId: chat.conversationId, status: 'OPEN', latestSkillId: '7' },
      messageRecords: [{ seq: 0, dialogId: chat.conversationId, sentBy: 'Consumer' }],
    });
    expect(await agent.history.conversation({ conversationId: 'none' })).toBeUndefined();
  });

  it('is gone through page by page', async () => {
    for (let count = 0; count < 4; count++) await platform.simulator.consumer().startConversation();
    const span = { start: { from: Date.now() - 60_000, to: Date.now() + 60_000 } };
    const found = new Set<string>();
    for await (const { info } of agent.history.conversations(span, { pageSize: 2 })) found.add(info.conversationId);
    expect(found.size).toBe(5);
    expect(found).toContain(chat.conversationId);
  });

  it('tells in the status of records that it could not read', async () => {
    const records = [{ info: {} }, { info: { conversationId: 'c1' } }];
    await using service = await startRestService(() => ({ body: { conversationHistoryRecords: records } }));
    const reader = await platform.connect({
      domains: { msgHist: service.host },
    });
    const told = first(reader.status(), ({ type }) => type === 'invalidFrame');
    expect(await reader.history.conversation({ conversationId: 'c1' })).toEqual(records[1]);
    expect(await told).toMatchObject({ reason: 'body', frameType: 'POST msgHist', count: 1 });
  });

  it('knows what agents are doing', async () => {
    await agent.setAgentState({ availability: 'AWAY' });
    expect(await agent.history.agentStatus({ agentIds: [agent.userId] })).toMatchObject({
      accountID: agent.accountId,
      agentStatusRecords: [{ agentId: agent.userId, currentStatus: 'AWAY' }],
    });
  });

  it('is read with a new bearer once the old one has expired', async () => {
    platform.simulator.faults.expireToken({ sockets: 'keep' });
    expect(await agent.history.conversation({ conversationId: chat.conversationId })).toBeDefined();
  });
});
