import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { requestRegistry } from '@lp/agent/schemas';
import { PAGES, renderOptions } from '../../tooling/src/options-page.mjs';
import { PublicTypes } from '../../tooling/src/public-types.mjs';

const ENTRIES = ['agent', 'auth', 'core', 'fleet', 'simulator', 'transport'].map(
  (name) => `packages/${name}/src/index.ts`,
);
const CONTENT = 'packages/agent/src/content.ts';

let types: PublicTypes;
let page: string;
// The compiler reads half the workspace, twice.
beforeAll(() => {
  types = new PublicTypes([...ENTRIES, CONTENT]);
  for (const entry of ENTRIES) for (const symbol of types.exportsOf(entry).values()) types.membersOf(symbol);
  page = renderOptions();
}, 180_000);

describe('what an editor shows of', () => {
  it.each([...ENTRIES, CONTENT])('%s: every export and every member of its types has a doc comment', (entry) => {
    const found = types.exportsOf(entry);
    const without = [...found].flatMap(([name, symbol]) => {
      const members = types.membersOf(symbol).filter((member) => types.docOf(member) === '');
      return [...(types.docOf(symbol) === '' ? [name] : []), ...members.map((member) => `${name}.${member.name}`)];
    });
    expect(found.size).toBeGreaterThan(5);
    expect(without).toEqual([]);
  });

  it('the requests: every method and every field of its body, however deep, has one', () => {
    const requests = types.exportsOf('packages/agent/src/index.ts').get('AgentRequests');
    const methods = requests === undefined ? [] : types.membersOf(requests);
    expect(methods.map(({ name }) => name).toSorted()).toEqual([...Object.keys(requestRegistry), 'request'].toSorted());
    const fields = methods.flatMap((method) => types.fieldsOfBody(method).map((field) => ({ method, field })));
    const without = fields.filter(({ field }) => types.docOf(field) === '');
    expect(fields.length).toBeGreaterThan(300);
    expect(without.map(({ method, field }) => `${method.name}: ${field.name}`)).toEqual([]);
  });
});

describe('an example', () => {
  it.each([
    ['agent', 'connectAgent, stopSignal, defineData, createFileDialogStore, AgentRequests'],
    ['agent', 'AgentConnection.status, AgentConnection.conversation, AgentConnection.conversations'],
    ['agent', 'AgentConnection.rings, AgentConnection.serve, Message.reply'],
    ['agent', 'Conversation.messages, Conversation.ask, Conversation.data, Conversation.history'],
    ['agent', 'Conversation.send, Conversation.sendRichContent, Conversation.handOff'],
    ['fleet', 'createFleet, Fleet.serve'],
    ['simulator', 'startSimulator'],
    ['transport', 'createTransport'],
  ])('of @lp/%s stands with %s', (name, places) => {
    const found = types.exportsOf(`packages/${name}/src/index.ts`);
    const symbolOf = (place: string) => {
      const [top = '', member] = place.split('.');
      const symbol = found.get(top);
      if (member === undefined || symbol === undefined) return symbol;
      return types.membersOf(symbol).find((one) => one.name === member);
    };
    const without = places.split(', ').filter((place) => {
      const symbol = symbolOf(place);
      return symbol === undefined || !types.hasExample(symbol);
    });
    expect(without).toEqual([]);
  });
});

describe('docs/options.md', () => {
  it('says what the types say: run node packages/tooling/src/options-page.mjs', async () => {
    expect(await readFile(new URL('../../../docs/options.md', import.meta.url), 'utf8')).toBe(page);
  });

  it('has a type, a default and a unit where there is one', () => {
    const lines = page.split('\n');
    const line = (option: string) => lines.find((text) => text.startsWith(`| \`${option}\``)) ?? '';
    expect(line('requestTimeoutMs')).toContain('| `number` | 10,000 | ms |');
    expect(line('accountId')).toContain('| required |');
    expect(line('outboxBytes')).toContain('| 8 MiB | bytes |');
    expect(line('maxAttempts')).toContain('| 35, and `Infinity` with `connectAgent` |');
  });

  it('has words for each option, and none that the page makes of a comment look broken', () => {
    const rows = page.split('\n').filter((line) => /^\| (?:`[^`]*` \| )?`\w+` \|/.test(line));
    const cells = rows.map((row) => row.split(/(?<!\\) \| /).map((cell) => cell.replace(/^\| | \|$/g, '')));
    const words = cells.map((row) => row.at(-1) ?? '');
    expect(rows.length).toBeGreaterThan(300);
    expect(words.filter((text) => !/^[^a-z\s].*[.)]$/s.test(text) || /@link|\s[.,;:)]/.test(text))).toEqual([]);
    const defaults = cells.map((row) => row.at(-3) ?? '');
    expect(defaults.filter((text) => text.split('(').length !== text.split(')').length)).toEqual([]);
  });

  it.each([
    ['createFleet', 'createFleet takes FleetOptions'],
    ['… `settle`', 'Conversation.messages: settle takes Settle'],
    ['conversation.uploadFile', 'Conversation.uploadFile takes UploadOptions'],
  ])(
    'cannot be made without the options of %s',
    (call, sentence) => {
      const without = PAGES.filter(([title]) => !title.startsWith(call));
      expect(without).toHaveLength(PAGES.length - 1);
      expect(() => renderOptions(without)).toThrow(`${sentence}, which is not on the page`);
    },
    180_000,
  );
});
