import type { ROLES } from './events.ts';
import type { OpenFields } from './objects.ts';

/** Adds, removes or suggests a participant. */
export interface ParticipantsChange {
  /** `ParticipantsChange`. */
  field: 'ParticipantsChange';
  /** What is done with the participant. */
  type: 'ADD' | 'REMOVE' | 'SUGGEST' | 'UPDATE';
  /** In which role. */
  role: (typeof ROLES)[number];
  /** Whom: an old id, or a consumer's id. */
  userId: string;
  /** The dialog; default: the main one. */
  dialogId?: string | undefined;
}

/** Closes, opens or locks a conversation. */
export interface ConversationStateField {
  /** `ConversationStateField`. */
  field: 'ConversationStateField';
  /** What the conversation becomes. */
  conversationState: 'CLOSE' | 'OPEN' | 'LOCKED';
}

/** Changes the stage of a conversation. */
export interface StageField {
  /** `Stage`. */
  field: 'Stage';
  /** What the stage becomes. */
  conversationState: 'CLOSE' | 'OPEN';
}

/** What a dialog becomes. */
export interface DialogPatch {
  /** The dialog, by id. */
  dialogId: string;
  /** What it becomes. */
  state?: 'OPEN' | 'CLOSE' | undefined;
  /** Who closes it. */
  closedBy?: 'CONSUMER' | 'AGENT' | 'SYSTEM' | undefined;
  /** Why, in words. */
  closedCause?: string | undefined;
  /** What is kept with the dialog. */
  metaData?: OpenFields | undefined;
}

/** Changes a dialog, such as closing it. */
export interface DialogUpdate {
  /** `DialogChange`. */
  field: 'DialogChange';
  /** `UPDATE`. */
  type: 'UPDATE';
  /** The dialog, and what it becomes. */
  dialog: DialogPatch;
}

/** Begins another dialog of the conversation. */
export interface DialogCreation {
  /** `DialogChange`. */
  field: 'DialogChange';
  /** `CREATE`. */
  type: 'CREATE';
  /** The new dialog: what it may hold is not published. */
  dialog: OpenFields;
}

/** Moves a conversation to another skill. */
export interface SkillField {
  /** `Skill`. */
  field: 'Skill';
  /** `UPDATE`. */
  type: 'UPDATE';
  /** The skill, by id. */
  skill: string;
}

/** Says how urgent a conversation is. */
export interface TtrField {
  /** `TTRField`. */
  field: 'TTRField';
  /** How urgent it is. */
  ttrType: 'URGENT' | 'NORMAL' | 'PRIORITIZED' | 'CUSTOM';
  /** In seconds, for `CUSTOM`. */
  value?: number | undefined;
}

/** Says when an answer is due. */
export interface ManualEttrField {
  /** `ManualETTR`. */
  field: 'ManualETTR';
  /** When an answer is due, in milliseconds since 1970. */
  time: number;
}

/** Writes the note of a conversation. */
export interface NoteField {
  /** `Note`. */
  field: 'Note';
  /** The note, at most 5,000 characters. */
  note: string;
}

/** Writes down how content the consumer is. */
export interface CsatRateField {
  /** `CSATRate`. */
  field: 'CSATRate';
  /** 1 to 5. */
  csatRate?: number | undefined;
  /** Whether it was solved. */
  csatResolutionConfirmation?: boolean | undefined;
  /** How much was answered. */
  status: 'FILLED' | 'PARTIALLY_FILLED' | 'SKIPPED' | 'EMPTY';
}

/** Delays a conversation until a time. */
export interface DelayField {
  /** `DelayField`. */
  field: 'DelayField';
  /** Why it is delayed. */
  type: 'NIGHT' | 'WEEKEND' | 'HOLIDAY';
  /** Until when, in milliseconds since 1970. */
  tillWhen: number;
}

/** A change that the server knows, but whose other fields are not published. */
export interface NamedOnlyField extends OpenFields {
  /** Which field is changed: the others depend on it. */
  field: 'TopicField' | 'ConversationHandler';
}

/** One change of a conversation. */
export type ConversationField =
  | ParticipantsChange
  | ConversationStateField
  | StageField
  | DialogUpdate
  | DialogCreation
  | SkillField
  | TtrField
  | ManualEttrField
  | NoteField
  | CsatRateField
  | DelayField
  | NamedOnlyField;
