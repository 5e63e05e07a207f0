import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { knownNames, problemsOf, type Sample } from './compile.ts';
import { codeBlocks, documents, read } from './documents.ts';

jest.setTimeout(60_000);

/** The code of another SDK has no types, and that of a test in CommonJS finds its functions in no import. */
const OTHERS =
  /node-agent-sdk|agentSurveyClient|msgHistoryClient|agent\.(?:getUserProfile|generateURL\w+)\(.*\(error|null, callback|require\('@lp\/simulator'\)/;
const blocks = documents
  .flatMap(codeBlocks)
  .filter(({ language, code }) => language === 'ts' || (language === 'js' && !OTHERS.test(code)));

/** `agent.foo(…)` in a sentence or a table. */
const mentions: readonly Sample[] = documents.flatMap((place) => {
  const spans = [
    ...read(place)
      .replace(/^```.*?^```$/gms, '')
      .matchAll(/`(\w+)\.(\w+)[^`]*`/g),
  ];
  return (
    spans
      // A file of that name is no member.
      .filter(([, name = '', member]) => knownNames.includes(name) && member !== 'ts')
      .map(([, name, member]) => ({ place: `${place}, ${name}.${member}`, code: `void ${name}.${member};` }))
  );
});

const wrong: readonly Sample[] = [
  { place: 'wrong value', code: "await agent.setAgentState({ availability: 'NOWHERE' });" },
  { place: 'wrong syntax', code: 'const x: = 1' },
  { place: 'wrong import', code: "import { connect } from '@lp/agent';\nconnect();" },
  {
    place: 'wrong option in JavaScript',
    language: 'js',
    code: "import { connectAgent } from '@lp/agent';\nawait connectAgent({ acountId: '1' });",
  },
  ...knownNames.map((name) => ({ place: `wrong member of ${name}`, code: `${name}.somethingThatIsNotThere();` })),
];

describe('the code in the documents', () => {
  let problems: string[];

  // One program for all: what takes long is reading the packages.
  beforeAll(() => {
    problems = problemsOf([...blocks, ...mentions, ...wrong]);
  });

  it('type-checks, block by block, and so do the members that the text mentions', () => {
    expect(blocks.length).toBeGreaterThan(20);
    expect(mentions.length).toBeGreaterThan(50);
    expect(problems.filter((problem) => !problem.startsWith('wrong '))).toEqual([]);
  });

  it('would be found wrong if it were', () => {
    for (const { place } of wrong) expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${place} \\(`)));
  });

  it('is fenced with a known language, so that no block escapes by its name', () => {
    const others = documents
      .flatMap(codeBlocks)
      .filter(({ language }) => !['ts', 'js', 'sh', 'json', 'text', ''].includes(language));
    expect(others).toEqual([]);
  });
});
