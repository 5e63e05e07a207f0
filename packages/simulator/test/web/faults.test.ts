import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { fetch } from 'undici';
import type { FaultView } from '../../src/web/page-api.ts';
import { connectAgent } from '../support/raw-client.ts';
import { act, PageClient } from './page-client.ts';

let simulator: Simulator;
let page: PageClient;
beforeEach(async () => {
  simulator = await startSimulator({ web: true });
  page = await PageClient.open(simulator);
});
afterEach(async () => {
  await page[Symbol.asyncDispose]();
  await simulator.close();
});

const press = (id: string, on = true, values: Record<string, string | number> = {}) =>
  page.act('fault', { id, on, values });
const shows = (fits: (faults: readonly FaultView[]) => boolean) => page.message('faults', ({ faults }) => fits(faults));
const isOn = (id: string, on: boolean) => (faults: readonly FaultView[]) =>
  faults.find((fault) => fault.id === id)?.on === on;
const lookup = () => fetch(`${simulator.url}/api/account/${simulator.accountId}/service/baseURI.json`);

describe('the page’s faults', () => {
  it('offer every fault that the simulator has, each with a title, a hint and its choices', async () => {
    const { faults } = await page.message('faults');
    const offered = new Set(faults.map(({ id }) => (id === 'lose' ? 'loseNotifications' : id)));
    const existing = Object.keys(simulator.faults).filter((name) => name !== 'clear');
    expect([...offered].sort()).toEqual(existing.sort());
    for (const { title, hint, fields, on } of faults) {
      expect([title.length > 3, hint.endsWith('.'), on]).toEqual([true, true, false]);
      for (const { choices } of fields) expect(choices.length).toBeGreaterThan(1);
    }
  });

  it('go on and off one by one', async () => {
    const { faults } = await page.message('faults');
    const lasting = faults.filter((fault) => fault.lasting && fault.id !== 'freeze');
    for (const { id } of lasting) {
      page.messages.length = 0;
      expect([id, (await press(id)).status]).toEqual([id, 200]);
      await shows(isOn(id, true));
      expect([id, (await press(id, false)).status]).toEqual([id, 200]);
      await shows((now) => now.every((fault) => !fault.on));
    }
    expect((await lookup()).status).toBe(200);
  });

  it('leave the others in force when one is switched off, or changed', async () => {
    await press('csdsDown', true, { status: 500 });
    await press('failLogin');
    await press('csdsDown', true, { status: 429 });
    expect((await lookup()).status).toBe(429);
    await press('csdsDown', false);
    expect((await lookup()).status).toBe(200);
    await shows((faults) => isOn('failLogin', true)(faults) && isOn('csdsDown', false)(faults));
  });

  it('strike once: drop, close with a code, expire the token', async () => {
    const dropped = await connectAgent(simulator);
    await press('dropAll');
    expect(await dropped.closed).toMatchObject({ code: 1006 });
    const closed = await connectAgent(simulator);
    await press('closeWith', true, { code: 1011 });
    expect(await closed.closed).toMatchObject({ code: 1011 });
    const expired = await connectAgent(simulator);
    await press('expireToken');
    expect(await expired.closed).toMatchObject({ code: 4401 });
  });

  it('freeze the sockets that are open, until they are let go', async () => {
    const agent = await connectAgent(simulator);
    await press('freeze');
    await shows(isOn('freeze', true));
    const response = agent.request('.GetClock');
    page.messages.length = 0;
    await press('freeze', false);
    expect(await response).toMatchObject({ code: 200 });
    await shows(isOn('freeze', false));
  });

  it('are shown off when a test clears them', async () => {
    await press('duplicate');
    await shows(isOn('duplicate', true));
    page.messages.length = 0;
    simulator.faults.clear();
    simulator.openConversations(1);
    const { faults } = await shows(isOn('duplicate', false));
    expect(faults.filter(({ on }) => on)).toEqual([]);
  });

  it('take the platform down and up, and the page stays', async () => {
    const agent = await connectAgent(simulator);
    expect((await press('down')).status).toBe(200);
    expect(await agent.closed).toMatchObject({ code: 1006 });
    await expect(lookup()).rejects.toThrow('fetch failed');
    await expect(connectAgent(simulator)).rejects.toThrow('fetch failed');
    await shows(isOn('down', true));
    expect((await fetch(`${simulator.url}/simulator/`)).status).toBe(200);
    expect((await act(simulator, 'fault', { id: 'down', on: false, values: {} })).status).toBe(200);
    expect((await lookup()).status).toBe(200);
    expect(page.socket.readyState).toBe(page.socket.OPEN);
  });

  it('refuse connections at once without a page', async () => {
    await using plain = await startSimulator();
    plain.faults.down();
    await expect(fetch(`${plain.url}/`)).rejects.toThrow('fetch failed');
  });
});
