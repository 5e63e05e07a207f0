import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import type { Browser } from 'playwright-core';
import { launch, openTab, picture } from './support/browser.ts';

let browser: Browser;
let simulator: Simulator;
beforeAll(async () => {
  browser = await launch();
  simulator = await startSimulator({ web: true });
});
afterAll(async () => {
  await browser.close();
  await simulator.close();
});

async function logIn(): Promise<string> {
  const { username, password } = simulator.connectOptions.credentials;
  const response = await fetch(`${simulator.url}/api/account/${simulator.accountId}/login`, {
    method: 'POST',
    body: JSON.stringify({ username, password }),
  });
  return ((await response.json()) as { bearer: string }).bearer;
}

describe('the SDK in the browser', () => {
  it('connects with a token and hears what happens, live', async () => {
    await using tab = await openTab(browser, simulator, { path: `agent.html#account=${simulator.accountId}` });
    const { page } = tab;
    await page.getByLabel('Bearer token').fill(await logIn());
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('connected', { exact: true }).waitFor();
    const rows = page.locator('.sdk-rows li');
    await rows.nth(2).waitFor();
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'hello' });
    const line = rows.filter({ hasText: chat.conversationId }).first();
    await line.waitFor();
    await line.locator('summary').click();
    await line.locator('pre').getByText('"conversationDetails"').waitFor();
    await picture(page, 'sdk-light');
    const connection = await simulator.waitForRequest('SubscribeExConversations');
    expect(connection.kind).toBe('agent');
    expect(tab.problems).toEqual([]);
  });

  it('reconnects after a loss', async () => {
    await using tab = await openTab(browser, simulator, {
      path: `agent.html#account=${simulator.accountId}&token=${await logIn()}`,
    });
    const { page } = tab;
    expect(page.url()).not.toContain('token');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('connected', { exact: true }).waitFor();
    const before = await page.locator('.sdk-rows li').count();
    simulator.faults.dropAll();
    await page.getByText('reconnecting', { exact: true }).waitFor();
    await page.getByText('connected', { exact: true }).waitFor();
    await page.locator('.sdk-rows li').nth(before).waitFor();
    expect(await page.locator('.sdk-rows li').count()).toBeGreaterThan(before);
  });

  it('gets a token with a login, and says so when a login or a token is wrong', async () => {
    await using tab = await openTab(browser, simulator, { path: `agent.html#account=${simulator.accountId}` });
    const { page } = tab;
    const { username, password } = simulator.connectOptions.credentials;
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Get a token' }).click();
    await page.getByRole('alert').getByText('Invalid user name or password').waitFor();
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Get a token' }).click();
    await page.waitForFunction(() => document.querySelectorAll('input')[1]?.value.length === 64);
    simulator.faults.expireToken();
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText(/^Ended:/).waitFor({ timeout: 25_000 });
    expect(await page.getByRole('status').textContent()).not.toContain(await logIn());
  }, 40_000);
});
