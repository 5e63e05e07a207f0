import * as z from 'zod';
import type { ConversationField } from './conversation-field-types.ts';
import { ROLES } from './events.ts';
import { looseObject, strictObject } from './objects.ts';
import { MAX_NOTE_LENGTH } from './outbound-events.ts';
import { optionalFlag, optionalText } from './primitives.ts';

const id = z.string().min(1);

/** Adds, removes or suggests a participant. `userId` is an old id, or a consumer's id. */
export const ParticipantsChangeSchema = strictObject(() => ({
  field: z.literal('ParticipantsChange'),
  type: z.enum(['ADD', 'REMOVE', 'SUGGEST', 'UPDATE']),
  role: z.enum(ROLES),
  userId: id,
  dialogId: id.optional(),
}));

const ConversationStateFieldSchema = strictObject(() => ({
  field: z.literal('ConversationStateField'),
  conversationState: z.enum(['CLOSE', 'OPEN', 'LOCKED']),
}));

const StageFieldSchema = strictObject(() => ({
  field: z.literal('Stage'),
  conversationState: z.enum(['CLOSE', 'OPEN']),
}));

const DialogChangeSchema = z.discriminatedUnion('type', [
  strictObject(() => ({
    field: z.literal('DialogChange'),
    type: z.literal('UPDATE'),
    dialog: z.strictObject({
      dialogId: id,
      state: z.enum(['OPEN', 'CLOSE']).optional(),
      closedBy: z.enum(['CONSUMER', 'AGENT', 'SYSTEM']).optional(),
      closedCause: optionalText,
      metaData: z.looseObject({}).optional(),
    }),
  })),
  // What a new dialog may hold is not published.
  strictObject(() => ({
    field: z.literal('DialogChange'),
    type: z.literal('CREATE'),
    dialog: z.looseObject({}),
  })),
]);

const SkillFieldSchema = strictObject(() => ({
  field: z.literal('Skill'),
  type: z.literal('UPDATE'),
  skill: id,
}));

const TtrFieldSchema = strictObject(() => ({
  field: z.literal('TTRField'),
  ttrType: z.enum(['URGENT', 'NORMAL', 'PRIORITIZED', 'CUSTOM']),
  value: z.int().min(0).optional(),
}));

const ManualEttrFieldSchema = strictObject(() => ({
  field: z.literal('ManualETTR'),
  time: z.int().min(0),
}));

const NoteFieldSchema = strictObject(() => ({
  field: z.literal('Note'),
  note: z.string().max(MAX_NOTE_LENGTH),
}));

const CsatRateFieldSchema = strictObject(() => ({
  field: z.literal('CSATRate'),
  csatRate: z.int().min(1).max(5).optional(),
  csatResolutionConfirmation: optionalFlag,
  status: z.enum(['FILLED', 'PARTIALLY_FILLED', 'SKIPPED', 'EMPTY']),
}));

const DelayFieldSchema = strictObject(() => ({
  field: z.literal('DelayField'),
  type: z.enum(['NIGHT', 'WEEKEND', 'HOLIDAY']),
  tillWhen: z.int().min(0),
}));

// The server lists them; their other fields are not published.
const NamedOnlyFieldSchema = looseObject(() => ({
  field: z.enum(['TopicField', 'ConversationHandler']),
}));

const InferredSchema = z.discriminatedUnion('field', [
  ParticipantsChangeSchema,
  ConversationStateFieldSchema,
  StageFieldSchema,
  DialogChangeSchema,
  SkillFieldSchema,
  TtrFieldSchema,
  ManualEttrFieldSchema,
  NoteFieldSchema,
  CsatRateFieldSchema,
  DelayFieldSchema,
  NamedOnlyFieldSchema,
]);

/** As its schema has it: the tests hold the named types against it. */
export type InferredConversationField = z.input<typeof InferredSchema>;

/** One change of a conversation. */
export const ConversationFieldSchema: z.ZodType<ConversationField, ConversationField> = InferredSchema;
