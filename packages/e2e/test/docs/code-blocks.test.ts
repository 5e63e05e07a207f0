import { describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { root } from '../run-program.ts';
import { codeBlocks, documents } from './documents.ts';

jest.setTimeout(60_000);

/** What a block may use without saying where it comes from: a reader knows these from the pages around it. */
const KNOWN_NAMES = `
declare const agent: import('@lp/agent').Agent;
declare const conversation: import('@lp/agent').Conversation;
declare const message: import('@lp/agent').Message;
declare const simulator: import('@lp/simulator').Simulator;
declare const chat: import('@lp/simulator').SimulatedChat;
declare const transport: import('@lp/transport').Transport;
declare const histogram: { record(value: number, labels: Record<string, string>): void };
`;

// The blocks are compiled as if they stood beside this test, so that they find the packages as a user's program does.
const FOLDER = `${root}packages/e2e/test/docs/blocks/`;

/** What the compiler says about each block, as `place: message`. */
function problems(blocks: ReadonlyMap<string, { place: string; code: string }>): string[] {
  const base = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path)).config as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...base.compilerOptions,
      composite: false,
      noEmit: true,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      // A page for people writes process.env.LP_ACCOUNT.
      noPropertyAccessFromIndexSignature: false,
    },
    root,
  );
  const files = new Map([...blocks].map(([name, { code }]) => [FOLDER + name, code]));
  files.set(`${FOLDER}names.d.ts`, KNOWN_NAMES);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version);
  };
  // Otherwise the names would be those of a module, and known nowhere.
  const program = ts.createProgram(
    [...files.keys()],
    { ...options, moduleDetection: ts.ModuleDetectionKind.Auto },
    host,
  );
  return [...blocks].flatMap(([name, { place }]) => {
    const file = program.getSourceFile(FOLDER + name);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText, start = 0 }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${place} (line ${line}): ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

const asModules = (blocks: { place: string; code: string }[]) =>
  new Map(blocks.map(({ place, code }, i) => [`block-${i}.ts`, { place, code: `${code}\nexport {};\n` }]));

describe('the TypeScript in the documents', () => {
  it('type-checks, block by block', () => {
    const blocks = documents.flatMap(codeBlocks).filter(({ language }) => language === 'ts');
    expect(blocks.length).toBeGreaterThan(20);
    expect(problems(asModules(blocks))).toEqual([]);
  });

  it('would be found wrong if it were', () => {
    const wrong = [
      { place: 'a', code: "await agent.setAgentState({ availability: 'NOWHERE' });" },
      { place: 'b', code: 'const x: = 1' },
      { place: 'c', code: "import { connect } from '@lp/agent';\nconnect();" },
      ...['conversation', 'message', 'simulator', 'chat', 'transport'].map((name) => ({
        place: name,
        code: `${name}.somethingThatIsNotThere();`,
      })),
    ];
    const found = problems(asModules(wrong));
    for (const { place } of wrong) expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${place} `)));
  });

  it('is fenced with a language, so that no block escapes by being nameless', () => {
    const allowed = ['ts', 'js', 'sh', 'json', 'text'];
    const nameless = documents
      .flatMap(codeBlocks)
      .filter(({ language }) => language !== '' && !allowed.includes(language));
    expect(nameless).toEqual([]);
  });
});
