import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { fetch } from 'undici';
import type { Started } from '../../src/web/page-api.ts';
import { connectAgent, type RawClient } from '../support/raw-client.ts';
import { PageClient } from './page-client.ts';

const SKILLS = [{ id: '12', name: 'Billing', survey: { appInstallId: 'survey' } }];
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

let simulator: Simulator;
let page: PageClient;

beforeEach(async () => {
  simulator = await startSimulator({ web: true, skills: SKILLS });
  page = await PageClient.open(simulator);
});
afterEach(async () => {
  await page[Symbol.asyncDispose]();
  await simulator.close();
});

async function start(body: { name?: string; skillId?: string; message?: string } = {}): Promise<string> {
  const response = await page.act('start', body);
  expect(response.status).toBe(200);
  return ((await response.json()) as Started).conversationId;
}

/** An agent at whom the conversation rings. */
async function ring(conversationId: string): Promise<{ agent: RawClient; accept: () => Promise<unknown> }> {
  const agent = await connectAgent(simulator);
  await agent.request('.ams.routing.SubscribeRoutingTasks', {});
  await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE', channels: ['MESSAGING'] });
  const { result } = await agent.change<{ result: { ringsDetails: { ringId: string }[] } }>(
    '.ams.routing.RoutingTaskNotification',
    (change) => JSON.stringify(change).includes(conversationId),
  );
  const ringId = result.ringsDetails[0]?.ringId;
  const accept = () => agent.request('.ams.routing.UpdateRingState', { ringId, ringState: 'ACCEPTED' });
  return { agent, accept };
}

/** An agent who has accepted the conversation. */
async function serve(conversationId: string): Promise<RawClient> {
  const { agent, accept } = await ring(conversationId);
  await accept();
  return agent;
}

const publish = (agent: RawClient, dialogId: string, event: object, more: object = {}) =>
  agent.request('.ams.ms.PublishEvent', { dialogId, event, ...more });

const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

describe('the list of conversations', () => {
  it('shows who the consumer is, the skill, and how the conversation goes on', async () => {
    const id = await start({ name: 'Ada King Lovelace', skillId: '12', message: 'hello' });
    const waiting = await page.message('conversations', ({ conversations: [c] }) => c?.last !== undefined);
    expect(waiting.conversations[0]).toMatchObject({
      id,
      consumer: 'Ada King Lovelace',
      skill: 'Billing',
      state: 'OPEN',
      stage: 'OPEN',
      last: { from: 'consumer', text: 'hello' },
      dialogs: [{ id, type: 'MAIN', open: true }],
    });
    expect(waiting.total).toBe(1);
    const { agent, accept } = await ring(id);
    await page.message('conversations', ({ conversations: [c] }) => c?.ringingAt === 'bot@example.com');
    await accept();
    await page.message('conversations', ({ conversations: [c] }) => c?.agent === 'bot@example.com');
    await page.message('agents', ({ agents: [a] }) => a?.availability === 'ONLINE' && a.conversations === 1);
    await publish(agent, id, text('hi'));
    await page.message('conversations', ({ conversations: [c] }) => c?.unread === 1 && c.last?.from === 'brand');
    expect((await page.act('read', { conversationId: id, dialogId: id, sequences: [1] })).status).toBe(200);
    await page.message('conversations', ({ conversations: [c] }) => c?.last?.text === 'hi' && c.unread === 0);
    agent.socket.terminate();
    await page.message('agents', ({ agents: [a] }) => a?.availability === 'OFFLINE' && a.conversations === 1);
  });

  it('shows conversations that the page did not start, to pages that come later too', async () => {
    const chat = await simulator.consumer({ firstName: 'Grace' }).startConversation({ message: 'from a test' });
    await page.message('conversations', ({ conversations: [c] }) => c?.id === chat.conversationId);
    await using later = await PageClient.open(simulator);
    const { conversations, whole } = await later.message('conversations');
    expect(whole).toBe(true);
    expect(conversations).toMatchObject([{ id: chat.conversationId, consumer: 'Grace', skill: 'No skill' }]);
  });

  it('sends the newest of very many, and says how many there are', async () => {
    simulator.openConversations(1_000);
    await using later = await PageClient.open(simulator);
    const { conversations, total } = await later.message('conversations');
    expect([conversations.length, total]).toEqual([200, 1_000]);
  });

  it('offers the account’s skills', async () => {
    expect((await page.message('account')).account).toEqual({
      accountId: simulator.accountId,
      skills: [
        { id: '-1', name: 'No skill' },
        { id: '12', name: 'Billing' },
      ],
    });
  });
});

describe('a conversation', () => {
  it('is told whole when it is chosen, then as it goes on', async () => {
    const id = await start({ message: 'one' });
    page.ask({ conversationId: id, frames: false });
    const first = await page.message('events');
    expect(first).toMatchObject({ conversationId: id, whole: true, events: [{ from: 'consumer', sequence: 0 }] });
    const agent = await serve(id);
    await publish(agent, id, { type: 'ChatStateEvent', chatState: 'COMPOSING' });
    const typing = await page.message('events', ({ events }) => events.some((e) => e.event.type === 'ChatStateEvent'));
    expect(typing).toMatchObject({ whole: false, events: [{ from: 'brand', name: 'bot@example.com' }] });
    await publish(agent, id, text('between us'), { messageAudience: 'AGENTS_AND_MANAGERS' });
    const hidden = await page.message('events', ({ events }) => events.some((e) => e.private));
    expect(hidden.events).toMatchObject([{ role: 'ASSIGNED_AGENT', event: { message: 'between us' } }]);
  });

  it('is not told once another one is chosen', async () => {
    const [first, second] = [await start(), await start()];
    page.ask({ conversationId: first, frames: false });
    await page.message('events', ({ conversationId }) => conversationId === first);
    page.ask({ conversationId: second, frames: false });
    await page.message('events', ({ conversationId }) => conversationId === second);
    const heard = page.messages.length;
    await page.act('say', { conversationId: first, dialogId: first, text: 'unheard' });
    await page.act('say', { conversationId: second, dialogId: second, text: 'heard' });
    await page.message('events', ({ events }) => events.some((e) => e.event['message'] === 'heard'));
    const told = page.messages.slice(heard).filter(({ type }) => type === 'events');
    expect(JSON.stringify(told)).not.toContain('unheard');
  });

  it('reaches the agent as from any consumer: text, typing, read marks', async () => {
    const id = await start({ message: 'one' });
    const agent = await serve(id);
    const heard = (wanted: object) =>
      agent.frame(({ type, body }) => {
        if (type !== '.ams.ms.OnlineEventDistribution') return false;
        const { event } = body as { event: Record<string, unknown> };
        return Object.entries(wanted).every(([name, value]) => JSON.stringify(event[name]) === JSON.stringify(value));
      });
    await page.act('typing', { conversationId: id, dialogId: id, chatState: 'COMPOSING' });
    await heard({ type: 'ChatStateEvent', chatState: 'COMPOSING' });
    await page.act('say', { conversationId: id, dialogId: id, text: 'two' });
    await heard({ message: 'two' });
    await publish(agent, id, text('three'));
    await page.act('read', { conversationId: id, dialogId: id, sequences: [2] });
    const mark = await heard({ status: 'READ', sequenceList: [2] });
    expect(mark.body).toMatchObject({ originatorMetadata: { role: 'CONSUMER' } });
  });

  it('presses the element that is named, with its metadata, and no other', async () => {
    const id = await start();
    const agent = await serve(id);
    const button = (title: string, answer: string) => ({
      type: 'button',
      title,
      click: { actions: [{ type: 'publishText', text: answer }], metadata: [{ type: 'ExternalId', id: answer }] },
    });
    const content = {
      type: 'vertical',
      elements: [{ type: 'text', text: 'which?' }, button('same', 'first'), button('same', 'second')],
    };
    await publish(agent, id, { type: 'RichContentEvent', content });
    const press = (path: string, sequence = 0) =>
      page.act('click', { conversationId: id, dialogId: id, sequence, path });
    expect((await press('content.elements.2')).status).toBe(200);
    const said = await agent.frame(({ body }) => JSON.stringify(body ?? {}).includes('"message":"second"'));
    expect(said.body).toMatchObject({ metadata: [{ type: 'ExternalId', id: 'second' }] });
    const action = await agent.frame(({ body }) => JSON.stringify(body ?? {}).includes('"status":"ACTION"'));
    expect(action.body).toMatchObject({ event: { sequenceList: [0] }, metadata: [{ id: 'second' }] });
    for (const path of ['content.elements.0', 'content.elements.9', 'content', '__proto__', 'x.y.z']) {
      const response = await press(path);
      expect([path, response.status]).toEqual([path, 400]);
    }
    expect((await press('content.elements.1', 7)).status).toBe(400);
  });

  it('is closed by the consumer, survey after main dialog', async () => {
    const id = await start({ skillId: '12' });
    expect((await page.act('close', { conversationId: id, dialogId: id })).status).toBe(200);
    const inSurvey = await page.message('conversations', ({ conversations: [c] }) => c?.state === 'CLOSE');
    const survey = inSurvey.conversations[0]?.dialogs.find(({ type }) => type === 'POST_SURVEY');
    expect(survey).toMatchObject({ open: true });
    const dialogId = survey?.id ?? '';
    expect((await page.act('say', { conversationId: id, dialogId, text: '5 stars' })).status).toBe(200);
    await page.act('close', { conversationId: id, dialogId });
    const over = await page.message('conversations', ({ conversations: [c] }) => c?.stage === 'CLOSE');
    expect(over.conversations[0]).toMatchObject({ closedBy: 'CONSUMER' });
    const late = await page.act('say', { conversationId: id, dialogId, text: 'too late' });
    expect(late.status).toBe(409);
    expect(await late.json()).toEqual({ error: expect.stringMatching(/refused .* 400: Dialog is closed/) });
  });

  it('goes on after the socket of its consumer was lost', async () => {
    const id = await start({ message: 'one' });
    simulator.faults.down();
    simulator.faults.clear();
    const say = () => page.act('say', { conversationId: id, dialogId: id, text: 'two' });
    // The first may still be on its way when the loss is noticed, and is told so.
    expect([200, 409]).toContain((await say()).status);
    expect((await say()).status).toBe(200);
  });

  it('gives its files: pictures to be shown, all else to be saved', async () => {
    const chat = await simulator.consumer().startConversation();
    const picture = await chat.sendFile(PNG, { fileType: 'PNG' });
    const letter = await chat.sendFile(Buffer.from('<script>'), { fileType: 'TXT' });
    const file = (path: string) => fetch(`${simulator.url}/simulator/file?path=${encodeURIComponent(path)}`);
    const shown = await file(picture.relativePath);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(PNG);
    const saved = await file(letter.relativePath);
    expect(saved.headers.get('content-disposition')).toBe('attachment');
    expect(saved.headers.get('content-type')).toBe('application/octet-stream');
    expect(saved.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await file('/etc/passwd')).status).toBe(404);
  });
});

describe('the frames', () => {
  it('come while they are asked for, with what they are about', async () => {
    await start({ message: 'before' });
    expect(page.messages.some(({ type }) => type === 'frames')).toBe(false);
    page.ask({ frames: true });
    const { frames, whole } = await page.message('frames');
    expect(whole).toBe(true);
    expect(frames).toContainEqual(
      expect.objectContaining({ direction: 'in', type: 'ms.PublishEvent', about: 'ContentEvent text/plain' }),
    );
    expect(frames).toContainEqual(expect.objectContaining({ direction: 'out', code: 200 }));
    page.ask({ frames: false });
    await start({ message: 'after' });
    await page.message('conversations', ({ conversations: [c] }) => c?.last?.text === 'after');
    expect(JSON.stringify(page.messages.filter(({ type }) => type === 'frames'))).not.toContain('after');
  });

  it('are cut when they are long', async () => {
    const id = await start();
    await page.act('say', { conversationId: id, dialogId: id, text: 'x'.repeat(7_900) });
    await simulator.consumer().startConversation({ message: 'y'.repeat(7_900) });
    const agent = await serve(id);
    const elements = Array.from({ length: 5 }, () => ({ type: 'text', text: 'z'.repeat(2_500) }));
    await publish(agent, id, {
      type: 'RichContentEvent',
      content: { type: 'vertical', elements },
      padding: 'p'.repeat(9_000),
    });
    page.ask({ frames: true });
    const { frames } = await page.message('frames');
    const long = frames.find(({ length }) => length > 20_000);
    expect(long?.text.length).toBe(20_000);
  });
});
