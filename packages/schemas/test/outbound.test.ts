import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import {
  describeIssues,
  EncodedMetadataSchema,
  MetadataSchema,
  PublishableEventSchema,
  QuickRepliesSchema,
  RequestBodySchemas,
  RequestMetadataSchema,
  RichContentSchema,
} from '../src/index.ts';

/** What is wrong with a value, one line per issue. */
function refusals(schema: z.ZodType, value: unknown): string[] {
  const result = schema.safeParse(value);
  return result.success ? [] : describeIssues(result.error).map(({ path, expected }) => `${path}: ${expected}`);
}

const publish = (event: unknown) => ({ dialogId: 'd', event });
const text = (message: string) => publish({ type: 'ContentEvent', contentType: 'text/plain', message });
const note = (value: string) => ({ conversationId: 'c', conversationField: { field: 'Note', note: value } });
const button = (fields: object = {}) => ({ type: 'button', title: 'ok', ...fields });
const click = (...actions: unknown[]) => button({ click: { actions } });
const quickReplies = (replies: unknown[], fields: object = {}) => ({ type: 'quickReplies', replies, ...fields });
const letters = (count: number) => 'x'.repeat(count);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const card = { type: 'vertical', elements: [] };
const checkbox = { type: 'checkbox', text: 't', click: { actions: [{ type: 'checked', publishText: 'p' }] } };
const checklist = { type: 'checklist', elements: [checkbox, checkbox] };
const section = { type: 'section', sectionID: 's', elements: [checklist] };
const submit = { type: 'submitButton', title: 's', click: { actions: [{ type: 'submitAsText', submit: true }] } };
const list = (sections: unknown[], buttons: unknown[]) => ({
  type: 'list',
  elements: [
    { type: 'text', text: 't' },
    { type: 'sectionList', elements: sections },
    { type: 'buttonList', elements: buttons },
  ],
});

/** Structured content whose JSON has exactly so many characters. */
function contentOf(length: number): unknown {
  const content = (last: number) => ({
    type: 'vertical',
    elements: [4000, 4000, 4000, last].map((count) => ({ type: 'text', text: letters(count) })),
  });
  return content(length - JSON.stringify(content(0)).length);
}

const rich = (content: unknown) => publish({ type: 'RichContentEvent', content });

describe('a message is refused past the limits, and told which', () => {
  it.each([
    [
      'a text',
      RequestBodySchemas.publishEvent,
      text(letters(8000)),
      text(letters(8001)),
      'event.message: at most 8000 characters',
    ],
    [
      'structured content',
      RequestBodySchemas.publishEvent,
      rich(contentOf(15_000)),
      rich(contentOf(15_001)),
      'event.content: at most 15000 characters as JSON, without BigInt and what holds itself',
    ],
    [
      'a note',
      RequestBodySchemas.updateConversationField,
      note(letters(5000)),
      note(letters(5001)),
      'conversationField.note: at most 5000 characters',
    ],
    [
      'metadata',
      RequestMetadataSchema,
      times(32, { type: 'ExternalId', id: 'i' }),
      times(33, { type: 'ExternalId', id: 'i' }),
      ': at most 32 items',
    ],
    [
      'an external id',
      MetadataSchema,
      { type: 'ExternalId', id: letters(64) },
      { type: 'ExternalId', id: letters(65) },
      'id: at most 64 characters',
    ],
    [
      'an intent',
      MetadataSchema,
      { type: 'BotResponse', intents: [{ id: 'i', confidenceScore: 1 }] },
      { type: 'BotResponse', intents: [{ id: 'i', confidenceScore: 1.1 }] },
      'intents.0.confidenceScore: at most 1',
    ],
    [
      'quick replies',
      QuickRepliesSchema,
      quickReplies(times(24, button())),
      quickReplies(times(25, button())),
      'replies: at most 24 items',
    ],
    ['no quick replies', QuickRepliesSchema, quickReplies([button()]), quickReplies([]), 'replies: at least 1 items'],
    [
      'quick replies in a row',
      QuickRepliesSchema,
      quickReplies([button()], { itemsPerRow: 8 }),
      quickReplies([button()], { itemsPerRow: 9 }),
      'itemsPerRow: at most 8',
    ],
    [
      'the title of a quick reply',
      QuickRepliesSchema,
      quickReplies([button({ title: letters(127) })]),
      quickReplies([button({ title: letters(128) })]),
      'replies.0.title: at most 127 characters',
    ],
  ] as const)('%s', (_name, schema, most, tooMuch, refusal) => {
    expect(refusals(schema, most)).toEqual([]);
    expect(refusals(schema, tooMuch)).toEqual([refusal]);
  });
});

describe('structured content is refused past the limits of its elements', () => {
  it.each([
    [
      'text',
      { type: 'text', text: letters(5000) },
      { type: 'text', text: letters(5001) },
      'text: at most 5000 characters',
    ],
    [
      'tooltip',
      { type: 'text', text: 't', tooltip: letters(256) },
      { type: 'text', text: 't', tooltip: letters(257) },
      'tooltip: at most 256 characters',
    ],
    ['tag', { ...card, tag: letters(64) }, { ...card, tag: letters(65) }, 'tag: at most 64 characters'],
    ['alt', { ...card, alt: letters(2000) }, { ...card, alt: letters(2001) }, 'alt: at most 2000 characters'],
    [
      'title of a button',
      button({ title: letters(128) }),
      button({ title: letters(129) }),
      'title: at most 128 characters',
    ],
    [
      'actions of a click',
      click(...times(4, { type: 'publishText', text: 't' })),
      click(...times(5, { type: 'publishText', text: 't' })),
      'click.actions: at most 4 items',
    ],
    [
      'text of an action',
      click({ type: 'publishText', text: letters(5000) }),
      click({ type: 'publishText', text: letters(5001) }),
      'click.actions.0.text: at most 5000 characters',
    ],
    [
      'uri of a link',
      click({ type: 'link', uri: letters(2048) }),
      click({ type: 'link', uri: letters(2049) }),
      'click.actions.0.uri: at most 2048 characters',
    ],
    [
      'title of a date picker',
      click({ type: 'datePicker', class: 'single', title: letters(40) }),
      click({ type: 'datePicker', class: 'single', title: letters(41) }),
      'click.actions.0.title: at most 40 characters',
    ],
    [
      'data of a custom action',
      click({ type: 'custom', data: Object.fromEntries(times(10, 0).map((_, i) => [i, i])) }),
      click({ type: 'custom', data: Object.fromEntries(times(11, 0).map((_, i) => [i, i])) }),
      'click.actions.0.data: at most 10 pairs',
    ],
    [
      'url of an image',
      { type: 'image', url: `https://a.example/${letters(2030)}` },
      { type: 'image', url: `https://a.example/${letters(2031)}` },
      'url: at most 2048 characters',
    ],
    [
      'caption of an image',
      { type: 'image', url: 'https://a.example/u', caption: letters(128) },
      { type: 'image', url: 'https://a.example/u', caption: letters(129) },
      'caption: at most 128 characters',
    ],
    [
      'answers of a template',
      { type: 'template', templateType: 'quickReply', title: 't', resp: times(32, 'r') },
      { type: 'template', templateType: 'quickReply', title: 't', resp: times(33, 'r') },
      'resp: at most 32 items',
    ],
    [
      'key-value pairs',
      { type: 'keyValuePairList', elements: times(50, { key: 'k' }) },
      { type: 'keyValuePairList', elements: times(51, { key: 'k' }) },
      'elements: at most 50 items',
    ],
    [
      'key of a pair',
      { type: 'keyValuePairList', elements: [{ key: letters(128) }] },
      { type: 'keyValuePairList', elements: [{ key: letters(129) }] },
      'elements.0.key: at most 128 characters',
    ],
    [
      'elements of a card',
      { ...card, elements: times(256, card) },
      { ...card, elements: times(257, card) },
      'elements: at most 256 items',
    ],
    [
      'cards of a carousel',
      { type: 'carousel', elements: times(13, card) },
      { type: 'carousel', elements: times(14, card) },
      'elements: at most 13 items',
    ],
    [
      'too few cards',
      { type: 'carousel', elements: times(2, card) },
      { type: 'carousel', elements: times(1, card) },
      'elements: at least 2 items',
    ],
    [
      'padding of a carousel',
      { type: 'carousel', elements: times(2, card), padding: 10 },
      { type: 'carousel', elements: times(2, card), padding: 11 },
      'padding: at most 10',
    ],
    [
      'tabs',
      { type: 'tabs', elements: times(10, card) },
      { type: 'tabs', elements: times(11, card) },
      'elements: at most 10 items',
    ],
    [
      'cards to choose from',
      { type: 'carouselSelect', selectMode: { name: 'n', type: 'single' }, elements: times(20, card) },
      { type: 'carouselSelect', selectMode: { name: 'n', type: 'single' }, elements: times(21, card) },
      'elements: at most 20 items',
    ],
    [
      'titles of an accordion',
      { type: 'accordionSelect', selectMode: { name: 'n' }, titles: times(20, { name: 't' }), elements: [card] },
      { type: 'accordionSelect', selectMode: { name: 'n' }, titles: times(21, { name: 't' }), elements: [card] },
      'titles: at most 20 items',
    ],
    [
      'text of a checkbox',
      list([{ ...section, elements: [{ ...checklist, elements: times(256, checkbox) }] }], [submit]),
      list([{ ...section, elements: [{ ...checklist, elements: times(257, checkbox) }] }], [submit]),
      'elements.1.elements.0.elements.0.elements: at most 256 items',
    ],
    [
      'a nested element',
      { ...card, elements: [{ ...card, elements: [{ type: 'text', text: letters(5000) }] }] },
      { ...card, elements: [{ ...card, elements: [{ type: 'text', text: letters(5001) }] }] },
      'elements.0.elements.0.text: at most 5000 characters',
    ],
  ])('%s', (_name, most, tooMuch, refusal) => {
    expect(refusals(RichContentSchema, most)).toEqual([]);
    expect(refusals(RichContentSchema, tooMuch)).toEqual([refusal]);
  });

  it('takes every element, action and style that is published', () => {
    const style = { 'background-color': '#fff', bold: true, size: 'large', 'border-radius': 3 };
    const everything = {
      type: 'horizontal',
      percentages: [50, 50],
      border: 'dropShadow',
      borderLine: true,
      metadata: [{ type: 'ExternalId', id: 'i' }],
      elements: [
        { type: 'text', text: 't', tooltip: 't', rtl: true, tag: 'title', tagVersion: '1', alt: 'a', style },
        { type: 'image', url: 'https://cdn.example/1.png', caption: 'c', click: {} },
        { type: 'map', la: 35.7, lo: 2_423_423_423 },
        { type: 'linkPreview', url: 'https://example', title: 't' },
        button({ subtitle: 's', class: 'text', ref: { name: 'n', type: 'carouselSelect' } }),
        click(
          { type: 'link', uri: 'https://example', name: 'n', target: 'slideout', ios: { uri: 'app://x' } },
          { type: 'navigate', la: 1, lo: 2, name: 'n' },
          { type: 'addToCart', items: [{ productId: 'p', quantity: 2 }] },
          { type: 'scheduleSlotList', slots: [{ id: 'i', start: '9:00' }], firstDayOfTheWeek: 'mon' },
        ),
        {
          type: 'vertical',
          elements: [list([section], [submit, button()])],
          scroll: 'enable',
          display: { size: 'tall' },
        },
        list([{ ...section, elements: [{ type: 'text', text: 't' }, checklist] }], [submit]),
      ],
    };
    expect(refusals(RichContentSchema, everything)).toEqual([]);
  });

  it.each([
    ['an address that is not one', { type: 'image', url: 'cat.png' }, 'url: an address that begins with https://'],
    [
      'a picture in clear',
      { type: 'image', url: 'http://a.example/b.png' },
      'url: an address that begins with https://',
    ],
    [
      'a preview of code',
      { type: 'linkPreview', url: 'javascript:alert(1)' },
      'url: an address that begins with https:// or http://',
    ],
    ...['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', 'vbscript:x', '\u0001javascript:x'].map(
      (uri): [string, unknown, string] => [
        `the link ${JSON.stringify(uri)}`,
        { ...card, elements: [click({ type: 'link', uri })] },
        'elements.0.click.actions.0.uri: a link that opens a page, an app or a call, not one that runs code',
      ],
    ),
    [
      'a picture of a slot that is code',
      click({ type: 'scheduleSlotList', slots: [{ id: '1', start: '1', imageUrl: 'javascript:alert(1)' }] }),
      'click.actions.0.slots.0.imageUrl: a link that opens a page, an app or a call, not one that runs code',
    ],
  ])('refuses %s', (_name, content, refusal) => {
    expect(refusals(RichContentSchema, content)).toEqual([refusal]);
  });

  const CODE = [
    'javascript:alert(1)',
    ' JaVaScript:alert(1)',
    'java\nscript:x',
    '\u0001vbscript:x',
    'data:text/html,x',
  ];
  const runsCode = 'a link that opens a page, an app or a call, not one that runs code';
  const events: readonly (readonly [string, (link: unknown) => unknown, string])[] = [
    [
      'a click',
      (uri) => ({ type: 'RichContentEvent', content: click({ type: 'link', uri }) }),
      'content.click.actions.0.uri',
    ],
    [
      'an element of an unknown type',
      (url) => ({ type: 'RichContentEvent', content: { ...card, elements: [{ type: 'hologram', parts: [{ url }] }] } }),
      'content.elements.0.parts.0.url',
    ],
    [
      'an action of an unknown type',
      (target) => ({ type: 'RichContentEvent', content: click({ type: 'beam', target }) }),
      'content.click.actions.0.target',
    ],
    [
      'a field that a known element does not have',
      (pageUrl) => ({ type: 'RichContentEvent', content: { ...card, pageUrl } }),
      'content.pageUrl',
    ],
    [
      'the data of an action of its own',
      (href) => ({ type: 'RichContentEvent', content: click({ type: 'custom', data: { href } }) }),
      'content.click.actions.0.data.href',
    ],
    [
      'a list of links',
      (uri) => ({ type: 'RichContentEvent', content: { type: 'hologram', uris: ['https://a.example', uri] } }),
      'content.uris.1',
    ],
    [
      'metadata of an element',
      (url) => ({ type: 'RichContentEvent', content: { ...card, metadata: [{ type: 'BusinessChatMessage', url }] } }),
      'content.metadata.0.url',
    ],
    [
      'a quick reply',
      (uri) => ({
        type: 'ContentEvent',
        contentType: 'text/plain',
        message: 't',
        quickReplies: quickReplies([click({ type: 'beam', uri })]),
      }),
      'quickReplies.replies.0.click.actions.0.uri',
    ],
    [
      'an external file',
      (externalFileLink) => ({ type: 'ContentEvent', contentType: 'external/file', message: { externalFileLink } }),
      'message.externalFileLink',
    ],
    [
      'a content type that is not known',
      (url) => ({ type: 'ContentEvent', contentType: 'application/beam', message: { url } }),
      'message.url',
    ],
    ['an event that is not known', (link) => ({ type: 'BeamEvent', link }), 'link'],
  ];
  it.each(events)('refuses a link that runs code in %s, and takes one that opens a page', (_where, event, path) => {
    for (const link of CODE) expect(refusals(PublishableEventSchema, event(link))).toEqual([`${path}: ${runsCode}`]);
    expect(refusals(PublishableEventSchema, event('https://a.example/'))).toEqual([]);
    expect(refusals(RequestBodySchemas.publishEvent, publish(event(CODE[1])))).toEqual([`event.${path}: ${runsCode}`]);
  });

  it.each([
    [
      'of a known type',
      { type: 'SocialMessagingConversationData', directMessagingId: 'd', userProfile: { profileUrl: CODE[0] } },
    ],
    ['of a channel', { type: 'BusinessEvent', list: { items: [{ imageURL: CODE[1] }] } }],
    ['of an unknown type', { type: 'Beam', Link: CODE[2] }],
    ['whose link is a URL', { type: 'Beam', url: new URL('javascript:alert(1)') }],
  ])('refuses a link that runs code in metadata %s', (_what, metadata) => {
    expect(refusals(RequestMetadataSchema, [metadata])).toEqual([expect.stringContaining(runsCode)]);
  });

  it('takes words about code where they are no link, and pictures that stand in a field of their own', () => {
    const words = 'javascript: an introduction';
    const data = { note: words, linkText: words, url_title: words, pictureUrl: 'data:image/png;base64,AAAA' };
    expect(refusals(PublishableEventSchema, text(words).event)).toEqual([]);
    expect(refusals(RequestMetadataSchema, [{ type: 'Beam', ...data }])).toEqual([]);
    expect(refusals(RichContentSchema, { type: 'hologram', title: words, data })).toEqual([]);
    expect(refusals(RichContentSchema, { type: 'hologram', pictureUrl: 'data:image/svg+xml,x' })).toHaveLength(1);
  });

  it('looks at content that holds itself once', () => {
    const round: Record<string, unknown> = { type: 'hologram', url: CODE[0] };
    round['self'] = round;
    expect(refusals(PublishableEventSchema, { type: 'BeamEvent', round })).toEqual([`round.url: ${runsCode}`]);
  });

  it.each(['https://a.example', 'tel:+4912345', 'mailto:a@b.example', 'myapp://open', 'www.a.example'])(
    'takes the link %s',
    (uri) => {
      expect(refusals(RichContentSchema, click({ type: 'link', uri }))).toEqual([]);
    },
  );

  it('refuses a form whose parts are in the wrong order', () => {
    expect(refusals(RichContentSchema, list([section], [button(), submit]))).not.toEqual([]);
    expect(refusals(RichContentSchema, list([section], []))).not.toEqual([]);
  });

  it('holds known fields to their limits beside those that are not known', () => {
    const title = button({ hologram: true, title: letters(129) });
    expect(refusals(RichContentSchema, { ...card, aura: 1, elements: [title] })).toEqual([
      'elements.0.title: at most 128 characters',
    ]);
  });
});

describe('a request is refused for what the platform would not understand', () => {
  it.each([
    ['a misspelt key', 'publishEvent', { ...text('t'), messageAudiance: 'ALL' }, ': no key "messageAudiance"'],
    ['no dialog', 'publishEvent', { event: text('t').event }, 'dialogId: string'],
    ['an empty id', 'getUserProfile', { userId: '' }, 'userId: at least 1 characters'],
    ['an empty text', 'publishEvent', text(''), 'event.message: at least 1 characters'],
    ['an event without a type', 'publishEvent', publish({}), expect.stringMatching(/^event\.type: /)],
    [
      'an unknown chat state',
      'publishEvent',
      publish({ type: 'ChatStateEvent', chatState: 'THINKING' }),
      'event.chatState: "ACTIVE" | "INACTIVE" | "GONE" | "COMPOSING" | "PAUSE" | "BACKGROUND"',
    ],
    [
      'no sequences',
      'publishEvent',
      publish({ type: 'AcceptStatusEvent', status: 'READ', sequenceList: [] }),
      'event.sequenceList: at least 1 items',
    ],
    [
      'an unknown availability',
      'setAgentState',
      { availability: 'BUSY', channels: ['MESSAGING'], agentUserId: 'a.1' },
      'availability: "ONLINE" | "OCCUPIED" | "AWAY" | "BACK_SOON" | "OFFLINE"',
    ],
    [
      'a ring state one cannot set',
      'updateRingState',
      { ringId: 'r', ringState: 'EXPIRED' },
      'ringState: "ACCEPTED" | "REJECTED"',
    ],
    [
      'a bad field among several',
      'updateConversationField',
      { conversationId: 'c', conversationField: [{ field: 'Skill', type: 'UPDATE', skill: '1' }, { field: 'Note' }] },
      'conversationField.1.note: string',
    ],
    [
      'an unknown field',
      'updateConversationField',
      { conversationId: 'c', conversationField: { field: 'Mood' } },
      expect.stringMatching(/^conversationField.field: "ParticipantsChange" /),
    ],
    [
      'a rating of six',
      'updateConversationField',
      { conversationId: 'c', conversationField: { field: 'CSATRate', csatRate: 6, status: 'FILLED' } },
      'conversationField.csatRate: at most 5',
    ],
    ['an empty file', 'generateURLForUploadFile', { fileSize: 0, fileType: 'PNG' }, 'fileSize: at least 1'],
    [
      'a size in words',
      'generateURLForUploadFile',
      { fileSize: '5 MB', fileType: 'PNG' },
      'fileSize: a number of bytes',
    ],
  ] as const)('%s', (_name, request, body, refusal) => {
    expect(refusals(RequestBodySchemas[request], body)).toEqual([refusal]);
  });

  it('not the size of a file as text, as the vendor’s example of sharing files has it', () => {
    expect(refusals(RequestBodySchemas.generateURLForUploadFile, { fileSize: '1000', fileType: 'JPG' })).toEqual([]);
  });

  it('encoded metadata that is not base64, or more than 5 k of it', () => {
    expect(refusals(EncodedMetadataSchema, 'aGVsbG8=')).toEqual([]);
    expect(refusals(EncodedMetadataSchema, 'A'.repeat(5120))).toEqual([]);
    for (const wrong of ['', 'hello', 'aGVsbG8', 'aGVs bG8=', 'A'.repeat(5124), { type: 'ExternalId' }])
      expect(refusals(EncodedMetadataSchema, wrong)).not.toEqual([]);
  });

  it('never says what was refused', () => {
    const secret = 'hunter2';
    const bodies = [
      text(letters(7990) + secret.repeat(2)),
      { ...text('t'), dialogId: { secret } },
      publish({ type: secret }),
    ];
    for (const body of bodies) expect(refusals(RequestBodySchemas.publishEvent, body).join()).not.toContain(secret);
  });
});
