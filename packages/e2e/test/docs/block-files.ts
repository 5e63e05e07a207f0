import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../run-program.ts';
import { type CodeBlock, codeBlocks } from './documents.ts';

/** How a program is written: as an ES module or in CommonJS. */
export type Form = 'mjs' | 'cjs';
export const FORMS: readonly Form[] = ['mjs', 'cjs'];

const IMPORTS = /^(?:import [^;]+;\n)+/m;

export const formOf = ({ code }: CodeBlock): Form => (/\brequire\('/.test(code) ? 'cjs' : 'mjs');

/** The programs of a document that use these packages, in one form. */
export const programsIn = (document: string, form: Form): CodeBlock[] =>
  codeBlocks(document).filter((block) => block.code.includes("'@lp/") && formOf(block) === form);

/** What a reader puts in the place of what stands there only as an example: a host, a folder. */
export type Replacements = Readonly<Record<string, string>>;

/** The blocks of the documents as files, in a folder where they find the packages as a user's program does. */
export interface BlockFiles extends Disposable {
  readonly folder: string;
  /** Writes the block of a document that holds these words; gives its path. */
  programOf(document: string, words: string, options?: { form?: Form; replace?: Replacements }): string;
  /** A block that is a part of a program, as a function of the names that a reader knows from the page around it. */
  fragmentOf<Names>(
    document: string,
    words: string,
    options?: { replace?: Replacements; gives?: string },
  ): Promise<(names: Names) => Promise<unknown>>;
}

/** Makes a folder for {@link BlockFiles}. */
export function createBlockFiles(): BlockFiles {
  const cache = join(root, 'packages/e2e/node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'blocks-'));
  // As an alias in package.json does it.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'packages/node-agent-sdk'), join(folder, 'node_modules/node-agent-sdk'), 'dir');
  mkdirSync(join(folder, 'node_modules/@lp'));
  symlinkSync(join(root, 'packages/schemas'), join(folder, 'node_modules/@lp/schemas'), 'dir');
  let files = 0;
  const write = (code: string, form: Form): string => {
    files += 1;
    const path = join(folder, `block-${files}.${form}`);
    writeFileSync(path, code);
    return path;
  };
  return {
    folder,
    programOf(document, words, { form, replace = {} } = {}) {
      const block = blockWith(document, words, form);
      return write(replaced(block, replace), formOf(block));
    },
    async fragmentOf(document, words, { replace = {}, gives = '' } = {}) {
      const code = replaced(blockWith(document, words), replace);
      const [imports = ''] = IMPORTS.exec(code) ?? [];
      const body = code.replace(imports, '');
      const names = namesIn(body);
      const wrapped = `${imports}\nexport default async ({ ${names.join(', ')} }) => {{\n${body}\nreturn { ${gives} };\n}};\n`;
      const module = (await import(pathToFileURL(write(wrapped, 'mjs')).href)) as {
        default: (names: never) => Promise<unknown>;
      };
      return (given) => module.default(given as never);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The names that the pages around the blocks explain. */
export const NAMES = ['agent', 'conversation', 'message', 'simulator', 'transport', 'histogram', 'askModel'] as const;

const namesIn = (code: string): string[] => NAMES.filter((name) => new RegExp(`\\b${name}\\b`).test(code));

/** The block of a document that holds these words; with `form` the one in that form, of a program that stands there in both. */
export function blockWith(document: string, words: string, form?: Form): CodeBlock {
  const found = codeBlocks(document).filter(
    (block) => /^[jt]s$/.test(block.language) && block.code.includes(words) && (!form || formOf(block) === form),
  );
  const [block] = found;
  if (!block || found.length > 1) throw new Error(`${document} has ${found.length} blocks with: ${words}`);
  return block;
}

function replaced({ place, code }: CodeBlock, replacements: Replacements): string {
  let text = code;
  for (const [example, real] of Object.entries(replacements)) {
    if (!text.includes(example)) throw new Error(`${place} has no ${example}`);
    text = text.replaceAll(example, real);
  }
  return text;
}
