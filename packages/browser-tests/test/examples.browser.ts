import { describe, expect, it } from '@jest/globals';
import type { Simulator } from '@lp/simulator';
import type { Page } from 'playwright-core';
import { startExample } from './support/bots.ts';
import { atChatPage, picture, say, startConversation } from './support/browser.ts';

let page: Page;
let simulator: Simulator;
atChatPage({ skills: [{ id: '42', name: 'Parcels' }] }, { strict: true }, (opened) => {
  ({ page, simulator } = opened);
});

const bubbles = () => page.locator('.bubble');
const bubble = (text: string) => page.getByRole('log').getByText(text);
const press = (title: string) =>
  page.getByRole('group', { name: 'Quick replies' }).getByRole('button', { name: title, exact: true }).click();

describe('a person at the chat page with an example bot', () => {
  it('fills the form in by presses and words; the bot is started again in the middle of it', async () => {
    const bot = await startExample(simulator, 'form-bot');
    await startConversation(page, 'pizza');
    await press('Order');
    await bubble('Which size?').waitFor();
    await press('Large');
    await bubble('How many?').waitFor();
    await say(page, 'many');
    await bubble('A number from 1 to 20, please.').waitFor();
    await bot[Symbol.asyncDispose]();
    await using _again = await startExample(simulator, 'form-bot');
    await say(page, '2');
    await bubble('2 × Large?').waitFor();
    await press('Yes');
    await bubble('Ordered. Thank you!').waitFor();
    expect(await bubbles().allTextContents()).toEqual([
      'pizza',
      'Say "order" to order a pizza.',
      'Order',
      'Which size?',
      'Large',
      'How many?',
      'many',
      'A number from 1 to 20, please.',
      '2',
      '2 × Large?',
      'Yes',
      'Ordered. Thank you!',
    ]);
    await picture(page, 'form-light');
  }, 60_000);

  it('hears the language model by paragraphs, and sees it type', async () => {
    await using _bot = await startExample(simulator, 'llm-bot', { LLM_MODEL: 'mock' });
    await startConversation(page, 'Which pizza is best?');
    await bubble('There is no better pizza').waitFor();
    await bubble('Shall I order one?').waitFor();
    expect(await bubbles().count()).toBe(4);
    await picture(page, 'llm-light');
  }, 60_000);

  it('is handed over, and hears nothing of the bot any more', async () => {
    await using _bot = await startExample(simulator, 'handoff-bot', { LP_HANDOFF_SKILL: '42' });
    await startConversation(page, 'When do you open?');
    await bubble('from 9 to 17').waitFor();
    await press('Talk to somebody');
    await bubble('A colleague will be with you in a moment.').waitFor();
    await simulator.waitForRequest('UpdateConversationField', undefined, { timeoutMs: 15_000 });
    await say(page, 'When do you open?');
    await page.locator('.row').getByText('Parcels').first().waitFor();
    expect(await page.locator('.message:not(.private) .bubble').allTextContents()).toEqual([
      'When do you open?',
      'We are open from 9 to 17 on working days.',
      'Talk to somebody',
      'A colleague will be with you in a moment.',
      'When do you open?',
    ]);
    expect(await page.locator('.message.private .bubble').allTextContents()).toEqual([
      expect.stringContaining('consumer: Talk to somebody'),
    ]);
    await picture(page, 'handoff-light');
  }, 60_000);
});
