import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PICTURES = process.env['LP_SCREENSHOTS'] ?? join(tmpdir(), 'lp-screenshots');

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['LP_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

/** A tab, and what went wrong in it: errors, refusals by the policy, requests to other hosts. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  readonly problems: string[];
}

export async function openTab(
  browser: Browser,
  simulator: Simulator,
  { path = '', ...options }: BrowserContextOptions & { path?: string } = {},
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.host !== simulator.csdsDomain && url.protocol !== 'data:') problems.push(`request to ${url.host}`);
  });
  await page.goto(`${simulator.pageUrl}${path}`);
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

/** What a test at the chat page has. */
export interface Opened {
  readonly browser: Browser;
  readonly simulator: Simulator;
  readonly tab: Tab;
  readonly page: Page;
}

/** Opens the chat page of a simulator of its own for each test, and hands it over. With `strict`, what goes wrong in the page fails the test. */
export function atChatPage(
  options: SimulatorOptions,
  { strict }: { strict: boolean },
  use: (opened: Opened) => void,
): void {
  let browser: Browser;
  let simulator: Simulator;
  let tab: Tab;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    simulator = await startSimulator({ web: true, ...options });
    tab = await openTab(browser, simulator);
    use({ browser, simulator, tab, page: tab.page });
  });
  afterEach(async () => {
    await tab[Symbol.asyncDispose]();
    await simulator.close();
    if (strict && tab.problems.length > 0) throw new Error(`In the page: ${tab.problems.join('; ')}`);
  });
}

/** Starts a conversation as a person does. */
export async function startConversation(page: Page, message = ''): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).first().click();
  const dialog = page.getByRole('dialog');
  if (message !== '') await dialog.getByLabel('First message').fill(message);
  await dialog.getByRole('button', { name: 'Start' }).click();
  await page.getByLabel('Message as the consumer').waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message as the consumer').fill(text);
  await page.keyboard.press('Enter');
}

/** Keeps a picture for people to look at; nothing depends on it. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}

/** What has to be scrolled sideways, carousels and the like aside. */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isWide = (element: Element) => element.scrollWidth > element.clientWidth + 1;
    const scrolls = (element: Element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
    const inner = [...document.querySelectorAll('body *:not(.rich-carousel, .agents, pre)')].filter(scrolls);
    return [document.documentElement, ...inner]
      .filter(isWide)
      .map(({ tagName, className }) => `${tagName} ${className}`);
  });
}
