import { readdirSync, readFileSync } from 'node:fs';
import { Script, SourceTextModule } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { root } from '../run-program.ts';
import { blockWith, formOf } from './block-files.ts';
import { toCommonJs } from './common-js.ts';
import { type CodeBlock, codeBlocks, documents, readmes } from './documents.ts';

const HERE = 'packages/e2e/test/docs/';
const OLD_SDK = 'of the old SDK, for comparison: parts of its own examples, which run against the alias in its tests';

/** The blocks that run in no test of this folder, by words of theirs, and why or where. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/javascript-and-commonjs.md': { "test('the bot answers'": 'packages/pack-tests/packed/forms.test.ts' },
  'docs/testing-your-bot.md': { "from 'vitest'": 'packages/pack-tests/packed/forms.test.ts' },
  'docs/browsers.md': { "fetch('/session'": 'packages/browser-tests/test/guide.browser.ts' },
  'docs/migrating-from-node-agent-sdk.md': {
    'agent.getUserProfile(consumerId, (': OLD_SDK,
    'agent.generateURLForUploadFile({ fileSize': OLD_SDK,
    'agentSurveyClient.submitAgentSurvey(': OLD_SDK,
    'msgHistoryClient.getConsumerConversations(': OLD_SDK,
    'agent.publishEvent({ dialogId, event }, {}': OLD_SDK,
  },
};

const blocks = [...documents, ...readmes].flatMap(codeBlocks).filter(({ language }) => /^[jt]s$/.test(language));

/** What the tests in this folder run: `fileOf('a document', 'words of a block')`. */
const RUN = /(?:programOf|fragmentOf)\(\s*'([^']+\.md)',\s*(?:'([^'\n]+)'|"([^"\n]+)")/g;
const run = readdirSync(root + HERE)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(root + HERE + name, 'utf8').matchAll(RUN)])
  .map(([, document = '', single, double]) => ({ document, words: single ?? double ?? '' }));

/** The blocks that words stand for: one, or a program in both its forms. */
function blocksWith({ document, words }: { document: string; words: string }): string[] {
  const found = codeBlocks(document).filter(({ code }) => code.includes(words));
  const [module, commonJs] = found;
  const isPair = module && commonJs && found.length === 2 && toCommonJs(module.code) === commonJs.code;
  return (isPair ? found : [blockWith(document, words)]).map(({ place }) => place);
}

describe('every block of code in the documents', () => {
  it('is run by a test, or named here with where or why not', () => {
    const others = Object.entries(OTHERS).flatMap(([document, list]) =>
      Object.keys(list).map((words) => ({ document, words })),
    );
    const known = [...run, ...others].flatMap(blocksWith);
    expect(run.length).toBeGreaterThan(40);
    expect(blocks.map(({ place }) => place).filter((place) => !known.includes(place))).toEqual([]);
    expect(others.flatMap(blocksWith).filter((place) => run.flatMap(blocksWith).includes(place))).toEqual([]);
  });

  it('that is run elsewhere is read there', () => {
    const elsewhere = Object.entries(OTHERS).flatMap(([document, list]) =>
      Object.values(list)
        .filter((where) => where.startsWith('packages/'))
        .map((where) => [document, where]),
    );
    for (const [document = '', where = ''] of elsewhere) expect(readFileSync(root + where, 'utf8')).toContain(document);
  });

  it('is plain JavaScript for every Node.js that is supported; one in TypeScript says so above', () => {
    const scripts = blocks.filter((block) => block.language === 'js' && !isOldSdk(block));
    expect(scripts.length).toBeGreaterThan(50);
    expect(scripts.filter((block) => !parses(block)).map(({ place }) => place)).toEqual([]);
    const typed = blocks.filter(({ language }) => language === 'ts');
    expect(typed.filter(({ above }) => !above.includes('TypeScript')).map(({ place }) => place)).toEqual([]);
  });
});

const isOldSdk = ({ code }: CodeBlock): boolean =>
  Object.values(OTHERS).some((list) =>
    Object.entries(list).some(([words, why]) => why === OLD_SDK && code.includes(words)),
  );

/** Whether this Node.js reads it; the tests run on the oldest that is supported. */
function parses(block: CodeBlock): boolean {
  try {
    if (formOf(block) === 'mjs') new SourceTextModule(block.code);
    else new Script(`(function (require, module, exports) {${block.code}\n})`);
    return true;
  } catch {
    return false;
  }
}
