import { describe, expect, it } from '@jest/globals';
import type { Simulator } from '@lp/simulator';
import type { Page } from 'playwright-core';
import { CARDS, PARCEL, quickReplies, startBot, startEchoBot } from './support/bots.ts';
import { atChatPage, picture, say, startConversation, type Tab } from './support/browser.ts';

let page: Page;
let simulator: Simulator;
let tab: Tab;
atChatPage(
  { skills: [{ id: '12', name: 'Billing', survey: { appInstallId: 'survey' } }] },
  { strict: true },
  (opened) => {
    ({ page, simulator, tab } = opened);
  },
);

const messages = () => page.getByRole('log');
const bubbles = () => page.locator('.bubble');

describe('a person at the chat page', () => {
  it('types, and the echo bot answers', async () => {
    await using _bot = await startEchoBot(simulator);
    await page.getByText('bot@example.com').first().waitFor();
    await startConversation(page, 'Hello, is anybody there?');
    await messages().getByText('echo: Hello, is anybody there?').waitFor();
    await say(page, 'My parcel has not arrived.');
    await messages().getByText('echo: My parcel has not arrived.').waitFor();
    expect(await bubbles().allTextContents()).toEqual([
      'Hello, is anybody there?',
      'echo: Hello, is anybody there?',
      'My parcel has not arrived.',
      'echo: My parcel has not arrived.',
    ]);
    // The bot reads before it answers, and the person reads what comes while writing.
    await page.locator('.mark.read').nth(1).waitFor();
    await page.locator('.row .badge').waitFor({ state: 'hidden' });
    await picture(page, 'echo-light');
  });

  it('presses a fault, and the bot recovers', async () => {
    await using _bot = await startEchoBot(simulator);
    await startConversation(page, 'one');
    await messages().getByText('echo: one').waitFor();
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.getByRole('button', { name: 'Drop connections' }).click();
    await page.getByRole('alert').getByText('Drop connections: done').waitFor();
    await say(page, 'two');
    await messages().getByText('echo: two').waitFor({ timeout: 20_000 });
    const down = page.getByRole('switch', { name: 'Platform down' });
    await down.click();
    await page.locator('.switch[aria-checked="true"]').waitFor();
    await page.locator('.agents').getByText('offline').waitFor();
    await picture(page, 'faults-light');
    await down.click();
    await page.locator('.agents').getByText('open').waitFor({ timeout: 20_000 });
    await say(page, 'three');
    await messages().getByText('echo: three').waitFor({ timeout: 20_000 });
    expect(await messages().getByText('echo: two').count()).toBe(1);
  }, 60_000);

  it('clicks a quick reply, which then goes away', async () => {
    await using _agent = await startBot(simulator, (conversation, text) =>
      text === 'Track a parcel'
        ? conversation.send('Which one?')
        : conversation.send('How can I help?', { quickReplies: quickReplies('Track a parcel', 'Talk to a person') }),
    );
    await startConversation(page, 'Hi');
    const replies = page.getByRole('group', { name: 'Quick replies' });
    await replies.waitFor();
    await picture(page, 'quick-replies-light');
    await replies.getByRole('button', { name: 'Track a parcel' }).click();
    await messages().getByText('Which one?').waitFor();
    expect(await bubbles().allTextContents()).toEqual(['Hi', 'How can I help?', 'Track a parcel', 'Which one?']);
    expect(await replies.count()).toBe(0);
  });

  it('sees structured content, and its buttons work', async () => {
    await using _agent = await startBot(simulator, (conversation, text) => {
      if (text === 'parcel') return conversation.sendRichContent(PARCEL);
      return text === 'cards' ? conversation.sendRichContent(CARDS) : conversation.send(`you said ${text}`);
    });
    await startConversation(page, 'parcel');
    const link = page.getByRole('link', { name: 'Track it' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('https://shop.example/track/4711');
    expect(await link.getAttribute('rel')).toContain('noopener');
    await page.getByText('In transit').waitFor();
    await page.getByRole('button', { name: 'Change address' }).click();
    await messages().getByText('you said Change address').waitFor();
    await say(page, 'cards');
    await page.getByRole('button', { name: 'Choose Standard' }).waitFor();
    await picture(page, 'structured-content-light');
    await page.getByRole('button', { name: 'Choose Standard' }).click();
    await messages().getByText('you said Standard').waitFor();
  });

  it('sees who is typing, and the bot sees the person type', async () => {
    await using _agent = await startBot(simulator, async (conversation) => {
      await conversation.setTyping('COMPOSING');
    });
    await startConversation(page);
    await say(page, 'Hi');
    await page.getByText('bot@example.com is typing').waitFor();
    await page.getByLabel('Message as the consumer').pressSequentially('and');
    const typed = await simulator.waitForRequest('ms.PublishEvent', ({ text }) => text.includes('"COMPOSING"'));
    expect(typed.kind).toBe('consumer');
  });

  it('sees pictures that are shared', async () => {
    const chat = await simulator.consumer({ firstName: 'Grace', lastName: 'Hopper' }).startConversation();
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    await chat.sendFile(Buffer.from(png, 'base64'), { caption: 'The parcel' });
    await page.getByRole('button', { name: /Grace Hopper/ }).click();
    const image = page.getByRole('img', { name: 'The parcel' });
    await image.waitFor();
    expect(await image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(1);
  });

  it('closes the conversation, answers the survey, and cannot write afterwards', async () => {
    await page.getByRole('button', { name: 'New conversation' }).first().click();
    await page.getByLabel('Skill').selectOption('Billing');
    await page.getByRole('button', { name: 'Start' }).click();
    const close = page.getByTitle('End the conversation as the consumer');
    await close.click();
    await page.locator('.row').getByText('In a survey').waitFor();
    await say(page, '5 stars');
    await page.locator('.divider').getByText('Survey').waitFor();
    await close.click();
    await page.locator('.row').getByText('Closed by consumer').waitFor();
    expect(await page.getByLabel('Message as the consumer').isDisabled()).toBe(true);
    expect(await close.isDisabled()).toBe(true);
  });

  it('finds a conversation by what it is about, also after reloading', async () => {
    await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'about a parcel' });
    await simulator.consumer({ firstName: 'Alan' }).startConversation({ message: 'about a bill' });
    await page.locator('.row').nth(1).waitFor();
    await page.getByLabel('Filter conversations').fill('BILL');
    expect(await page.locator('.row strong').allTextContents()).toEqual(['Alan']);
    await page.locator('.row').click();
    await messages().getByText('about a bill').waitFor();
    await page.reload();
    await messages().getByText('about a bill').waitFor();
    expect(await page.locator('.row').count()).toBe(2);
  });

  it('watches the frames, filters them, opens one, and holds them', async () => {
    await page.getByRole('button', { name: 'Frames' }).click();
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'needle' });
    const rows = page.locator('.frame');
    await rows.getByText('cm.ConsumerRequestConversation').first().waitFor();
    await page.getByLabel('Filter frames').fill('publishevent');
    await page.getByLabel('Direction').selectOption('From clients');
    await page.getByText('1 frame', { exact: true }).waitFor();
    await rows.getByRole('button').click();
    await rows.locator('pre').getByText('"needle"').waitFor();
    await picture(page, 'frames-light');
    await page.getByRole('button', { name: 'Pause' }).click();
    await chat.say('unseen');
    await page.locator('.row').getByText('unseen').waitFor();
    expect(await rows.count()).toBe(1);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('2 frames').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('0 frames').waitFor();
  });

  it('is told when something does not work', async () => {
    await startConversation(page);
    await say(page, 'x'.repeat(8_001));
    await page
      .getByRole('alert')
      .getByText(/longer than 8000 characters/)
      .waitFor();
    // What was written is not lost.
    expect(await page.getByLabel('Message as the consumer').inputValue()).toHaveLength(8_001);
    tab.problems.splice(0);
  });
});
