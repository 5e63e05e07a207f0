import type { ACCEPT_STATUSES, CHAT_STATES } from './events.ts';
import type { OpenFields } from './objects.ts';
import type { OtherName } from './primitives.ts';
import type { QuickReplies } from './quick-replies.ts';
import type { RichContent } from './rich-content-types.ts';

/** A text to publish. */
export interface PublishableText extends OpenFields {
  /** `ContentEvent`. */
  type: 'ContentEvent';
  /** `text/plain`. */
  contentType: 'text/plain';
  /** The text, 1 to 8,000 characters. */
  message: string;
  /** Buttons below the message, gone once the conversation goes on. */
  quickReplies?: QuickReplies | undefined;
}

/** A file in the platform's storage. */
export interface HostedFile extends OpenFields {
  /** A line below the file. */
  caption?: string | undefined;
  /** Where the file lies, as the upload gave it. */
  relativePath: string;
  /** In the platform's spelling, such as `PNG`. */
  fileType: string;
  /** A small picture of it, as base64. */
  preview?: string | undefined;
}

/** A file in the platform's storage to publish, once it has been uploaded. */
export interface PublishableHostedFile extends OpenFields {
  /** `ContentEvent`. */
  type: 'ContentEvent';
  /** `hosted/file`. */
  contentType: 'hosted/file';
  /** The file. */
  message: HostedFile;
}

/** A file elsewhere. */
export interface ExternalFile extends OpenFields {
  /** The address of the file, which runs no code. */
  externalFileLink: string;
}

/** A file elsewhere to publish. */
export interface PublishableExternalFile extends OpenFields {
  /** `ContentEvent`. */
  type: 'ContentEvent';
  /** `external/file`. */
  contentType: 'external/file';
  /** The file. */
  message: ExternalFile;
}

/** Which secure form is to be filled in. */
export interface SecureFormInvitation extends OpenFields {
  /** The form, by id. */
  formId: string;
  /** The invitation, by an id of its own: the submission names it. */
  invitationId: string;
  /** What the form is called. */
  title: string;
}

/** An invitation to fill in a secure form. */
export interface PublishableSecureFormInvitation extends OpenFields {
  /** `ContentEvent`. */
  type: 'ContentEvent';
  /** `forms/secure-invitation`. */
  contentType: 'forms/secure-invitation';
  /** The form. */
  message: SecureFormInvitation;
}

/** Which secure form has been filled in. */
export interface SecureFormSubmission extends OpenFields {
  /** What was sent in, by id. */
  submissionId: string;
  /** The invitation that it answers, by id. */
  invitationId: string;
}

/** That a secure form has been filled in. */
export interface PublishableSecureFormSubmission extends OpenFields {
  /** `ContentEvent`. */
  type: 'ContentEvent';
  /** `forms/secure-submission`. */
  contentType: 'forms/secure-submission';
  /** The form. */
  message: SecureFormSubmission;
}

/** Structured content to publish. */
export interface PublishableRichContent extends OpenFields {
  /** `RichContentEvent`. */
  type: 'RichContentEvent';
  /** The structured content, at most 15,000 characters as JSON text. */
  content: RichContent;
  /** Buttons below the message, gone once the conversation goes on. */
  quickReplies?: QuickReplies | undefined;
}

/** What has become of earlier events. */
export interface PublishableAcceptStatus extends OpenFields {
  /** `AcceptStatusEvent`. */
  type: 'AcceptStatusEvent';
  /** What has become of the events: `ACCEPT` came, `READ` was read. */
  status: (typeof ACCEPT_STATUSES)[number];
  /** The numbers of the events in the dialog, at least 1. */
  sequenceList: number[];
}

/** What the sender does at the moment. */
export interface PublishableChatState extends OpenFields {
  /** `ChatStateEvent`. */
  type: 'ChatStateEvent';
  /** `COMPOSING` while somebody types. */
  chatState: (typeof CHAT_STATES)[number];
}

/** Content of a type that is not known here. */
export interface OtherPublishableContent extends OpenFields {
  /** `ContentEvent`. */
  type: 'ContentEvent';
  /** The type of the content: the other fields depend on it. */
  contentType: OtherName;
}

/** An event of a type that is not known here. */
export interface OtherPublishableEvent extends OpenFields {
  /** Which kind of event it is: the other fields depend on it. */
  type: OtherName;
}

/**
 * An event to publish. One of a type or a content type that is not known here passes as it is, but for links that run
 * code.
 */
export type PublishableEvent =
  | OtherPublishableContent
  | OtherPublishableEvent
  | PublishableText
  | PublishableHostedFile
  | PublishableExternalFile
  | PublishableSecureFormInvitation
  | PublishableSecureFormSubmission
  | PublishableRichContent
  | PublishableAcceptStatus
  | PublishableChatState;
