import { readFileSync } from 'node:fs';
import { expect, it, jest } from '@jest/globals';
import ts from 'typescript';
import { root } from '../run-program.ts';
import { problemsOf, type Sample } from './compile.ts';
import { sourceFiles } from './sources.ts';

jest.setTimeout(60_000);

const sources = sourceFiles();

/** The examples in the doc comments of a file. */
function examplesIn(path: string): Sample[] {
  const text = readFileSync(`${root}packages/${path}`, 'utf8');
  if (!text.includes('@example')) return [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Sample[] = [];
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue;
      const line = file.getLineAndCharacterOfPosition(tag.getStart()).line + 1;
      const code = (ts.getTextOfJSDocComment(tag.comment) ?? '').replaceAll(/^```\w*$/gm, '');
      found.push({ place: `packages/${path}:${line}`, code });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What an example takes for granted: that things are imported, and have the names that they usually have. */
const KNOWN = `
import { connectAgent, createFileDialogStore, defineData, stopSignal } from '@lp/agent';
import { button, card, image, link, quickReplies } from '@lp/agent/content';
import { isSignedWebhook } from '@lp/agent/schemas';
import { credentialsFromEnv } from '@lp/auth';
import { createFleet } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { startSimulator } from '@lp/simulator';
import { createTransport } from '@lp/transport';
import * as z from 'zod';
declare const conversationId: string, dialogId: string, username: string, password: string, clientId: string, clientSecret: string;
declare const url: string, question: string, secret: string, body: string;
declare function askModel(question: string): AsyncIterable<string>;
declare function findOrder(id: string): Promise<object>;
declare const handler: (conversation: import('@lp/agent').Conversation) => Promise<void>;
declare const fleet: import('@lp/fleet').Fleet;
declare const request: import('node:http').IncomingMessage;
const Cart = defineData({ name: 'cart', version: 1, schema: z.object({ items: z.array(z.string()) }), initial: () => ({ items: [] }) });
`;

it('every example in a doc comment of the packages type-checks', () => {
  const examples = sources.flatMap(examplesIn);
  expect(examples.length).toBeGreaterThan(20);
  const samples = [...examples, { place: 'wrong', code: "await agent.setAgentState({ availability: 'NOWHERE' });" }];
  const problems = problemsOf(
    samples.map(({ place, code }) => ({ place, code: `${KNOWN}export const example = async () => {{\n${code}\n}};` })),
  ).filter(
    (problem) => !/is declared but|All imports in|All destructured|All variables|Not all code paths/.test(problem),
  );
  expect(problems).toEqual([expect.stringMatching(/^wrong \(.*NOWHERE/)]);
});
