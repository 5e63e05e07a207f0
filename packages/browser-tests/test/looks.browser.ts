import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { type Simulator, startSimulator } from '@lp/simulator';
import type { Browser, Page } from 'playwright-core';
import { CARDS, PARCEL, quickReplies, startBot } from './support/bots.ts';
import { launch, openTab, picture, say, sideways, startConversation } from './support/browser.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser: Browser;
let simulator: Simulator;
let agent: Agent;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  simulator = await startSimulator({ web: true, skills: [{ id: '12', name: 'Billing' }] });
  agent = await startBot(simulator, (conversation, text) => {
    if (text === 'parcel') return conversation.sendRichContent(PARCEL);
    if (text === 'cards') return conversation.sendRichContent(CARDS);
    return conversation.send('How can I help?', {
      quickReplies: quickReplies('Track a parcel', 'Change address', 'Talk to a person'),
    });
  });
  for (const [firstName, lastName, message] of [
    ['Grace', 'Hopper', 'Where is my invoice?'],
    ['Alan', 'Turing', 'a'.repeat(400)],
    ['Barbara', 'Liskov', 'My parcel has not arrived.'],
  ] as const) {
    await simulator.consumer({ firstName, lastName }).startConversation({ skillId: '12', message });
  }
});
afterEach(async () => {
  await agent.close();
  await simulator.close();
});

/** All that a conversation can show. */
async function fill(page: Page): Promise<void> {
  await startConversation(page, 'w'.repeat(300));
  await page.getByRole('button', { name: 'Talk to a person' }).waitFor();
  await say(page, 'parcel');
  await page.getByRole('link', { name: 'Track it' }).waitFor();
  await say(page, 'cards');
  await page.getByRole('button', { name: 'Choose Express' }).waitFor();
  await say(page, 'what now?');
  await page.getByRole('button', { name: 'Talk to a person' }).waitFor();
}

const luminance = (page: Page, selector: string, property: 'color' | 'backgroundColor') =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => {
      const [r = 0, g = 0, b = 0] = (getComputedStyle(element)[name].match(/[\d.]+/g) ?? []).map((part) => {
        const share = Number(part) / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }, property);

async function contrast(page: Page, text: string, behind: string): Promise<number> {
  const [a, b] = [await luminance(page, text, 'color'), await luminance(page, behind, 'backgroundColor')];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe('the chat page', () => {
  it('fits a phone: nothing is scrolled sideways', async () => {
    await using tab = await openTab(browser, simulator, PHONE);
    const { page } = tab;
    await page.locator('.row').nth(2).waitFor();
    expect(await sideways(page)).toEqual([]);
    await picture(page, 'phone-list');
    await fill(page);
    expect(await sideways(page)).toEqual([]);
    await picture(page, 'phone-chat');
    for (const name of ['Faults', 'Frames']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('complementary', { name }).waitFor();
      expect(await sideways(page)).toEqual([]);
      await picture(page, `phone-${name.toLowerCase()}`);
      await page.getByRole('button', { name: 'Close the panel' }).click();
    }
    await page.getByRole('button', { name: 'Back to the conversations' }).click();
    await page.locator('.row').nth(3).waitFor();
    expect(tab.problems).toEqual([]);
  });

  it.each([
    ['light', 0.7, 1],
    ['dark', 0, 0.1],
  ] as const)('is %s where the person’s system is, and readable', async (colorScheme, least, most) => {
    await using tab = await openTab(browser, simulator, { colorScheme });
    const { page } = tab;
    await fill(page);
    await page.getByRole('button', { name: 'Frames' }).click();
    await page.locator('.frame').first().waitFor();
    await picture(page, `whole-${colorScheme}`);
    const background = await luminance(page, 'html', 'backgroundColor');
    expect(background).toBeGreaterThanOrEqual(least);
    expect(background).toBeLessThanOrEqual(most);
    const pairs = [
      ['.from-brand .bubble', '.from-brand .bubble'],
      ['.from-consumer .bubble', '.from-consumer .bubble'],
      ['.meta', 'html'],
      ['.row-last', '.list'],
      ['.chip.served', '.chip.served'],
      ['.list-tools .primary', '.list-tools .primary'],
      ['.quick-replies button', '.quick-replies button'],
      ['.frame-at', '.panel'],
    ] as const;
    for (const [text, behind] of pairs) {
      expect([text, (await contrast(page, text, behind)) >= 4.5]).toEqual([text, true]);
    }
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.getByRole('switch', { name: 'Delay everything' }).click();
    await page.locator('.fault.on').waitFor();
    await picture(page, `faults-${colorScheme}`);
    expect(await contrast(page, '.fault.on h4', '.panel')).toBeGreaterThanOrEqual(4.5);
  });

  it('can be used with the keyboard alone', async () => {
    await using tab = await openTab(browser, simulator);
    const { page } = tab;
    const press = async (key: string, times = 1) => {
      for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 40 && !name.test(await focused()); i++) await press('Tab');
      expect(await focused()).toMatch(name);
    };
    await page.locator('.row').nth(2).waitFor();
    await tabTo(/^New conversation/);
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Tab', 2);
    await page.keyboard.type('Typed by hand');
    await press('Tab', 2);
    await press('Enter');
    await page.getByRole('log').getByText('Typed by hand').waitFor();
    // The composer has the focus now.
    await page.keyboard.type('first line');
    await press('Shift+Enter');
    await page.keyboard.type('second line');
    await press('Enter');
    await page.locator('.bubble').getByText('first line\nsecond line').waitFor();
    await page.getByRole('button', { name: 'Talk to a person' }).waitFor();
    await press('Shift+Tab');
    expect(await focused()).toBe('Talk to a person');
    await press('Enter');
    await page.locator('.from-consumer .bubble').getByText('Talk to a person').waitFor();
    await page.getByRole('button', { name: 'Faults' }).focus();
    await press('Enter');
    await page.getByRole('complementary', { name: 'Faults' }).waitFor();
    await press('Escape');
    // The panel goes, and then the focus comes back to what opened it.
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Faults'));
    expect(await page.getByRole('complementary').count()).toBe(0);
    await page.locator('.row').first().focus();
    await press('ArrowDown', 2);
    await press('ArrowUp');
    await press('Enter');
    await page.locator('.row[aria-current="true"]').and(page.locator('.row').nth(1)).waitFor();
    const ring = await page
      .locator('.row')
      .nth(1)
      .evaluate((row) => getComputedStyle(row).outlineStyle);
    expect(ring).toBe('solid');
  });

  it('gives every control a name', async () => {
    await using tab = await openTab(browser, simulator);
    const { page } = tab;
    await fill(page);
    for (const panel of ['Faults', 'Frames']) {
      await page.getByRole('button', { name: panel }).click();
      await page.getByRole('complementary', { name: panel }).waitFor();
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, a, input, select, textarea')].flatMap((element) => {
          const labels = (element as HTMLInputElement).labels ?? [];
          const by = element.getAttribute('aria-labelledby');
          const name = [
            element.getAttribute('aria-label'),
            by && document.getElementById(by)?.textContent,
            [...labels].map((label) => label.textContent).join(''),
            element.textContent,
          ].find((text) => text?.trim());
          return name ? [] : [element.outerHTML.slice(0, 80)];
        }),
      );
      expect(nameless).toEqual([]);
    }
  });
});
