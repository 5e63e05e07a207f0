import * as z from 'zod';
import { ROLES } from './events.ts';
import { looseObject, strictObject } from './objects.ts';
import { MAX_NOTE_LENGTH } from './outbound-events.ts';
import { optionalFlag, optionalText } from './primitives.ts';

const id = z.string().min(1);

/** Adds, removes or suggests a participant. `userId` is an old id, or a consumer's id. */
export const ParticipantsChangeSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('ParticipantsChange'),
  /** How it is changed. */
  type: z.enum(['ADD', 'REMOVE', 'SUGGEST', 'UPDATE']),
  /** In which role. */
  role: z.enum(ROLES),
  /** Whose: an old id, or a consumer's id. */
  userId: id,
  /** The dialog; default: the main one. */
  dialogId: id.optional(),
}));
export type ParticipantsChange = z.infer<typeof ParticipantsChangeSchema>;

const ConversationStateFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('ConversationStateField'),
  /** What it becomes. */
  conversationState: z.enum(['CLOSE', 'OPEN', 'LOCKED']),
}));

const StageFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('Stage'),
  /** What it becomes. */
  conversationState: z.enum(['CLOSE', 'OPEN']),
}));

const DialogChangeSchema = z.discriminatedUnion('type', [
  strictObject(() => ({
    /** Which field is changed: the others depend on it. */
    field: z.literal('DialogChange'),
    /** How it is changed. */
    type: z.literal('UPDATE'),
    /** The dialog, and what it becomes. */
    dialog: z.strictObject({
      /** The dialog; default: the main one. */
      dialogId: id,
      /** What it becomes. */
      state: z.enum(['OPEN', 'CLOSE']).optional(),
      /** Who closes it. */
      closedBy: z.enum(['CONSUMER', 'AGENT', 'SYSTEM']).optional(),
      /** Why, in words. */
      closedCause: optionalText,
      /** What is kept with the dialog. */
      metaData: z.looseObject({}).optional(),
    }),
  })),
  // What a new dialog may hold is not published.
  strictObject(() => ({
    /** Which field is changed: the others depend on it. */
    field: z.literal('DialogChange'),
    /** How it is changed. */
    type: z.literal('CREATE'),
    /** The dialog, and what it becomes. */
    dialog: z.looseObject({}),
  })),
]);

const SkillFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('Skill'),
  /** How it is changed. */
  type: z.literal('UPDATE'),
  /** The skill, by id. */
  skill: id,
}));

const TtrFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('TTRField'),
  /** How urgent it is. */
  ttrType: z.enum(['URGENT', 'NORMAL', 'PRIORITIZED', 'CUSTOM']),
  /** In seconds, for `CUSTOM`. */
  value: z.int().min(0).optional(),
}));

const ManualEttrFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('ManualETTR'),
  /** When an answer is due, in milliseconds since 1970. */
  time: z.int().min(0),
}));

const NoteFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('Note'),
  /** The note, at most 5,000 characters. */
  note: z.string().max(MAX_NOTE_LENGTH),
}));

const CsatRateFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('CSATRate'),
  /** 1 to 5. */
  csatRate: z.int().min(1).max(5).optional(),
  /** Whether it was solved. */
  csatResolutionConfirmation: optionalFlag,
  /** How much was answered. */
  status: z.enum(['FILLED', 'PARTIALLY_FILLED', 'SKIPPED', 'EMPTY']),
}));

const DelayFieldSchema = strictObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.literal('DelayField'),
  /** How it is changed. */
  type: z.enum(['NIGHT', 'WEEKEND', 'HOLIDAY']),
  /** Until when, in milliseconds since 1970. */
  tillWhen: z.int().min(0),
}));

// The server lists them; their other fields are not published.
const NamedOnlyFieldSchema = looseObject(() => ({
  /** Which field is changed: the others depend on it. */
  field: z.enum(['TopicField', 'ConversationHandler']),
}));

/** One change of a conversation. */
export const ConversationFieldSchema = z.discriminatedUnion('field', [
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
export type ConversationField = z.infer<typeof ConversationFieldSchema>;
