import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import type { InferredConversationField } from '../src/conversation-fields.ts';
import type * as named from '../src/index.ts';
import type { KnownMetadataSchema } from '../src/metadata.ts';
import type { InferredEvent } from '../src/outbound-events.ts';
import type { InferredConversationContextSchema, InferredDownloadableSchema } from '../src/requests.ts';
import type { CheckboxClickSchema, ClickSchema, KnownActionSchema, SubmitClickSchema } from '../src/rich-actions.ts';
import type { KnownElementSchema } from '../src/rich-content.ts';
import type { ButtonSchema, basicSchemas, DisplaySchema, StyleSchema } from '../src/rich-elements.ts';

/** Whether two types are the same to the compiler, down to what may be left out. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** The parts of a union that have no equal in another. */
type Missing<A, B> = A extends unknown ? (true extends EqualToAny<A, B> ? never : A) : never;
type EqualToAny<A, B> = B extends unknown ? Equal<A, B> : never;
/** Whether two unions have the same parts: a loose object takes one that lacks a field, so that taking says too little. */
type Same<A, B> = [Missing<A, B>, Missing<B, A>] extends [never, never] ? true : false;
/** The form of a union that is not known here has any text as its type. */
type Known<U extends { type: string }> = U extends unknown ? (string extends U['type'] ? never : U) : never;
/** Compiles only for true: what is tested here is tested by the compiler. */
const holds = <_T extends true>(): true => true;

describe('a named type is the input of its schema:', () => {
  it('elements', () => {
    type Basic = z.input<(typeof basicSchemas)[number]>;
    type Of<T extends named.RichContent['type']> = Extract<Basic, { type: T }>;
    expect(holds<Equal<named.TextElement, Of<'text'>>>()).toBe(true);
    expect(holds<Equal<named.Button, Of<'button'>>>()).toBe(true);
    expect(holds<Equal<named.ImageElement, Of<'image'>>>()).toBe(true);
    expect(holds<Equal<named.MapElement, Of<'map'>>>()).toBe(true);
    expect(holds<Equal<named.LinkPreview, Of<'linkPreview'>>>()).toBe(true);
    expect(holds<Equal<named.TemplateElement, Of<'template'>>>()).toBe(true);
    expect(holds<Equal<named.KeyValuePairList, Of<'keyValuePairList'>>>()).toBe(true);
    expect(holds<Equal<named.ListElement, Of<'list'>>>()).toBe(true);
    expect(holds<Equal<named.Button, z.input<typeof ButtonSchema>>>()).toBe(true);
    expect(holds<Equal<named.Style, z.input<typeof StyleSchema>>>()).toBe(true);
    expect(holds<Equal<named.Display, z.input<typeof DisplaySchema>>>()).toBe(true);
    expect(holds<Same<Known<named.RichContent>, z.input<typeof KnownElementSchema>>>()).toBe(true);
  });

  it('actions and clicks', () => {
    expect(holds<Same<Known<named.ClickAction>, z.input<typeof KnownActionSchema>>>()).toBe(true);
    expect(holds<Equal<named.Click, z.input<typeof ClickSchema>>>()).toBe(true);
    expect(holds<Equal<named.CheckboxClick, z.input<typeof CheckboxClickSchema>>>()).toBe(true);
    expect(holds<Equal<named.SubmitClick, z.input<typeof SubmitClickSchema>>>()).toBe(true);
  });

  it('metadata', () => {
    expect(holds<Same<Known<named.Metadata>, z.input<typeof KnownMetadataSchema>>>()).toBe(true);
  });

  it('quick replies', () => {
    expect(holds<Equal<named.QuickReplies, z.input<typeof named.QuickRepliesSchema>>>()).toBe(true);
  });

  it('events', () => {
    expect(holds<Same<named.PublishableEvent, InferredEvent>>()).toBe(true);
  });

  it('fields of a conversation', () => {
    expect(holds<Same<named.ConversationField, InferredConversationField>>()).toBe(true);
    expect(holds<Equal<named.ParticipantsChange, z.input<typeof named.ParticipantsChangeSchema>>>()).toBe(true);
  });

  it('the small ones', () => {
    expect(holds<Equal<named.ConversationContext, z.input<typeof InferredConversationContextSchema>>>()).toBe(true);
    expect(holds<Equal<named.DownloadableForm, z.input<typeof InferredDownloadableSchema>>>()).toBe(true);
  });
});
