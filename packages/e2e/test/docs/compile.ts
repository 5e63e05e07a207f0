import ts from 'typescript';
import { root } from '../run-program.ts';

/** Code, and where it stands. */
export interface Sample {
  /** JavaScript is checked by the same types, but need not write any. */
  readonly language?: string;
  readonly place: string;
  readonly code: string;
}

/** What a sample may use without saying where it comes from: a reader knows these from the pages around it. */
const KNOWN_NAMES = `
declare const agent: import('@lp/agent').Agent;
declare const conversation: import('@lp/agent').Conversation;
declare const message: import('@lp/agent').Message;
declare const ring: import('@lp/agent').Ring;
declare const simulator: import('@lp/simulator').Simulator;
declare const chat: import('@lp/simulator').SimulatedChat;
declare const transport: import('@lp/transport').Transport;
declare const histogram: { record(value: number, labels: Record<string, string>): void };
declare function askModel(prompt: string, begun: string, signal: AbortSignal): AsyncIterable<string>;
declare module 'vitest' { export { expect, test } from '@jest/globals' }
`;
export const knownNames: readonly string[] = [...KNOWN_NAMES.matchAll(/declare const (\w+)/g)].map(
  ([, name = '']) => name,
);

/** Files of the reader's own that blocks import. */
const READERS_FILES: Readonly<Record<string, string>> = {
  'bot.d.ts': `export function readLogins(): Promise<import('@lp/fleet').FleetLogin[]>;
export function handler(conversation: import('@lp/agent').Conversation): Promise<void>;`,
  'my-engine.d.ts': `export function createEngine(): import('@lp/fleet').FleetEngine;`,
};

/** What the compiler says of JavaScript alone: that parameters have no types, nor what is read as JSON or off the wire. */
const NOT_FOR_JAVASCRIPT = /implicitly has|'unknown'|Promise<unknown>|Not all code paths|string\[\]|'null'|AddressInfo/;

// The samples are compiled as if they stood here, so that they find the packages as a user's program does.
const FOLDER = `${root}packages/e2e/test/docs/samples/`;

/** What the compiler says about the samples, each a module of its own, as `place (line n): message`. */
export function problemsOf(samples: readonly Sample[]): string[] {
  const named = samples.map(({ place, code, language = 'ts' }, i) => {
    const isCommonJs = language === 'js' && /\brequire\('/.test(code);
    return {
      place,
      file: `${FOLDER}${i}.${language === 'ts' ? 'ts' : isCommonJs ? 'cjs' : 'mjs'}`,
      code: isCommonJs ? code : `${code}\nexport {};\n`,
    };
  });
  const files = new Map(named.map(({ file, code }) => [file, code]));
  files.set(`${FOLDER}known-names.d.ts`, KNOWN_NAMES);
  for (const [name, text] of Object.entries(READERS_FILES)) files.set(FOLDER + name, text);
  const variables = new Set(samples.flatMap(({ code }) => code.match(/(?<=process\.env\.)\w+/g) ?? []));
  const environment = [...variables].map((name) => `readonly ${name}?: any`).join('; ');
  files.set(`${FOLDER}environment.d.ts`, `declare namespace NodeJS { interface ProcessEnv { ${environment} } }`);
  const options = compilerOptions();
  const program = ts.createProgram([...files.keys()], options, hostWith(files, options));
  return named.flatMap(({ place, file: name }) => {
    const file = program.getSourceFile(name);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.flatMap(({ messageText, start = 0 }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      const text = ts.flattenDiagnosticMessageText(messageText, ' ');
      return name.endsWith('js') && NOT_FOR_JAVASCRIPT.test(text) ? [] : [`${place} (line ${line}): ${text}`];
    });
  });
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const changes = {
    composite: false,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    // A page for people writes process.env.LP_ACCOUNT.
    noPropertyAccessFromIndexSignature: false,
    // Otherwise the known names would be those of a module, and known nowhere.
    moduleDetection: 'auto',
  };
  return ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...changes }, root).options;
}

function hostWith(files: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    directoryExists: (name) => FOLDER.startsWith(name) || ts.sys.directoryExists(name),
    fileExists: (name) => files.has(name) || host.fileExists(name),
    readFile: (name) => files.get(name) ?? host.readFile(name),
    getSourceFile: (name, version, ...rest) => {
      const text = files.get(name);
      return text === undefined ? host.getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version);
    },
  };
}
