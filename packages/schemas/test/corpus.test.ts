import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  adviceOn,
  consumerRequestRegistry,
  decodeFrame,
  describeIssues,
  EventSchema,
  MessagingEventSchema,
  MetadataSchema,
  parseLenient,
  QuickRepliesSchema,
  RequestBodySchemas,
  RequestMetadataSchema,
  RequestTypes,
  RichContentSchema,
  requestRegistry,
} from '../src/index.ts';
import { notifications } from './fixtures/notifications.ts';

const folder = new URL('../../../../shared/payloads/', import.meta.url);
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
const isDocumentedAsBad = (name: string) =>
  existsSync(folder) &&
  new RegExp(`\\| ${name} .*(NEGATIVE|foreign key)`).test(readFileSync(new URL('INDEX.md', folder), 'utf8'));

const rows = Object.values({ ...requestRegistry, ...consumerRequestRegistry }) as {
  type: string;
  typeV3?: string;
  body: { safeParse(body: unknown): { success: boolean } };
}[];

/** What is wrong with an example, by the kind that its name says it is; undefined for a kind that is not ours. */
function problemsOf(name: string, text: string): unknown {
  const value = JSON.parse(text) as { type?: string; body?: unknown; metadata?: unknown };
  if (/^(wire-v\d|webhook).*__(notif|resp|.*change|messaging-event)__/.test(name) || name.startsWith('webhook')) {
    const decoded = decodeFrame(text);
    if (decoded.kind === 'invalid') return decoded.issues;
    if (!decoded.known) return 'unknown';
    return decoded.kind === 'notification' ? decoded.invalid : [];
  }
  if (/^wire-v\d__req__/.test(name)) {
    const row = rows.find(({ type, typeV3 }) => type === value.type || typeV3 === value.type);
    const body = row?.body.safeParse(value.body ?? {}).success;
    const metadata = RequestMetadataSchema.optional().safeParse(value.metadata).success;
    return body === true && metadata ? [] : 'refused';
  }
  const schema = name.startsWith('richcontent__quick')
    ? QuickRepliesSchema
    : name.startsWith('richcontent__')
      ? RichContentSchema
      : name.startsWith('metadata__')
        ? MetadataSchema
        : undefined;
  if (schema !== undefined) {
    const result = schema.safeParse(value);
    return result.success ? adviceOn(schema, value) : describeIssues(result.error);
  }
  if (name.startsWith('secure-form__')) return parseLenient(EventSchema, value).ok ? [] : 'unreadable';
  if (name.startsWith('rest__consumer-history'))
    return (value as { messageEventRecords: object[] }).messageEventRecords
      .map((record) => parseLenient(MessagingEventSchema, { dialogId: 'd', ...record }))
      .filter(({ ok }) => !ok);
  return undefined;
}

describe('published examples of the platform', () => {
  it('are judged as the own fixtures are', () => {
    const problems = Object.entries(notifications).map(([name, frame]) =>
      problemsOf(`wire-v2__notif__${name}`, JSON.stringify(frame)),
    );
    expect(problems).toEqual(problems.map(() => []));
    expect(
      problemsOf('wire-v2__notif__bad', '{"kind":"notification","type":".ams.ms.OnlineEventDistribution"}'),
    ).not.toEqual([]);
  });

  it('are told apart by their names', () => {
    const ours = files.filter((name) => problemsOf(name, readFileSync(new URL(name, folder), 'utf8')) !== undefined);
    expect(ours.length).toBeGreaterThanOrEqual(files.length === 0 ? 0 : 60);
  });

  for (const name of files) {
    const problems = problemsOf(name, readFileSync(new URL(name, folder), 'utf8'));
    if (problems === undefined) continue;
    const bad = isDocumentedAsBad(name);
    it(`${name} is ${bad ? 'refused or advised against' : 'read whole'}`, () => {
      const refused = !Array.isArray(problems) || problems.length > 0;
      expect({ refused, unexpected: bad ? [] : problems }).toEqual({ refused: bad, unexpected: [] });
    });
  }

  it('name no request body that has no schema', () => {
    expect(Object.keys(RequestBodySchemas)).toEqual(Object.keys(RequestTypes));
  });
});
