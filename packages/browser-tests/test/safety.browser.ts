import { describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import type { Browser, Page } from 'playwright-core';
import { startBot } from './support/bots.ts';
import { atChatPage, openTab, startConversation, type Tab } from './support/browser.ts';

const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
const SCRIPT_LINK = 'javascript:window.hacked=1';

let browser: Browser;
let page: Page;
let simulator: Simulator;
let tab: Tab;
atChatPage({}, { strict: false }, (opened) => {
  ({ browser, page, simulator, tab } = opened);
});

const hacked = () => page.evaluate(() => 'hacked' in window);

describe('what a message holds', () => {
  it('stays text, wherever it is shown', async () => {
    await using _agent = await startBot(simulator, (conversation) => conversation.send(HOSTILE));
    await simulator.consumer({ firstName: HOSTILE }).startConversation({ message: `${HOSTILE} ${SCRIPT_LINK}` });
    await page.locator('.row').click();
    await page.locator('.bubble').nth(1).waitFor();
    expect(await page.locator('.bubble').allTextContents()).toEqual([`${HOSTILE} ${SCRIPT_LINK}`, HOSTILE]);
    expect(await page.locator('.row strong').textContent()).toBe(HOSTILE);
    await page.getByRole('button', { name: 'Frames' }).click();
    await page.getByLabel('Filter frames').fill('onerror');
    await page.locator('.frame button').first().click();
    await page.locator('.frame pre').waitFor();
    expect(await page.locator('.bubble img, .row img, .frame img, .bubble a').count()).toBe(0);
    expect(await hacked()).toBe(false);
    expect(tab.problems).toEqual([]);
  });

  it('becomes a link only when it leads to http or https', async () => {
    const click = (uri: string) => ({ actions: [{ type: 'link' as const, uri }] });
    const content = {
      type: 'vertical',
      elements: [
        { type: 'text', text: 'see https://shop.example/a?b=1, or JAVASCRIPT:window.hacked=1' },
        { type: 'button', title: 'bad', click: click(SCRIPT_LINK) },
        { type: 'button', title: 'worse', click: click(' data:text/html,<script>window.hacked=1</script>') },
        { type: 'image', url: SCRIPT_LINK, caption: 'no picture' },
        { type: 'linkPreview', url: 'vbscript:x', title: 'preview' },
      ],
    };
    // Our own client refuses to send it: it goes out as another client would send it.
    const raw: { send?: (dialogId: string) => Promise<unknown> } = {};
    await using agent = await startBot(
      simulator,
      (conversation) => raw.send?.(conversation.conversationId) ?? Promise.resolve(),
    );
    raw.send = (dialogId) =>
      agent.request('.ams.ms.PublishEvent', { dialogId, event: { type: 'RichContentEvent', content } });
    await startConversation(page, 'Hi');
    await page.getByRole('button', { name: 'bad' }).click();
    await page.getByRole('button', { name: 'worse' }).click();
    const links = page.locator('.bubble a');
    expect(await links.count()).toBe(1);
    expect(await links.getAttribute('href')).toBe('https://shop.example/a?b=1');
    expect(await page.locator('.bubble img').count()).toBe(0);
    expect(page.url()).toContain('/simulator/');
    expect(await hacked()).toBe(false);
  });
});

describe('the page’s policy', () => {
  it('stops a script in the page and markup made from text, should they ever get there', async () => {
    const outcome = await page.evaluate(() => {
      const script = document.createElement('script');
      try {
        script.text = 'window.hacked = 1';
        document.body.append(script);
        document.body.innerHTML = '<img src=x onerror="window.hacked=1">';
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(outcome).toBe('TypeError');
    expect(await hacked()).toBe(false);
  });

  it('lets no other page show it or act through it', async () => {
    await using other = await startSimulator({ web: true });
    const elsewhere = await openTab(browser, other);
    const answer = await elsewhere.page.evaluate(async (url) => {
      try {
        const init = {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: '{}',
          mode: 'no-cors',
        } as const;
        return (await fetch(`${url}/simulator/do/start`, init)).type;
      } catch {
        return 'refused';
      }
    }, simulator.url);
    expect(answer).toBe('refused');
    await elsewhere[Symbol.asyncDispose]();
    expect(await page.locator('.row').count()).toBe(0);
  });
});
