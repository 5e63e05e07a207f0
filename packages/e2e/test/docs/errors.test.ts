import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as core from '@lp/core';
import { root } from '../run-program.ts';
import { read } from './documents.ts';

const source = readFileSync(`${root}packages/core/src/errors.ts`, 'utf8');
const union = /type LpErrorCode =(.*?);/s.exec(source)?.[1] ?? '';
const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);

/** The classes with a code of their own, as they are written. */
const classes = [
  ...source.matchAll(/^export class (\w+) extends .*?^ {2}(?:override )?readonly code[^=]*= '(\w+)'/gms),
].map(([, name, code]) => `${code} ${name}`);

/** The rows of the table: code, class, and whether trying again can help. */
const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| `(\w+)` \| ([^|]+) \|/gm)];

describe('the table of errors', () => {
  // verifies: readme:errors, error-field:code
  it('has a row for every code, and no other', () => {
    expect(codes.length).toBeGreaterThan(10);
    expect(new Set(rows.map(([, code]) => code))).toEqual(new Set(codes));
    expect(rows).toHaveLength(codes.length);
  });

  it('names the class of every code', () => {
    expect(new Set(rows.map(([, code, name]) => `${code} ${name}`))).toEqual(new Set(classes));
    for (const [, , name = ''] of rows) expect(core).toHaveProperty(name);
  });
});
