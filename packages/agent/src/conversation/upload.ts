import { ConfigError } from '@lp/core';
import { firstAbort, optionsChecker } from '@lp/core/internal';
import type { PublishableEvent } from '@lp/schemas';
import { checkRequest } from '../link/call.ts';
import type { ConversationParts } from './conversation-parts.ts';
import { checkFileType, type FileData, readFile, storeFile } from './files.ts';
import { planSend, publishOne, SEND_OPTIONS, type SendOptions } from './sending.ts';

/** A file's type, what is shown with it, and what any send takes. */
export interface UploadOptions extends Omit<SendOptions, 'quickReplies'> {
  /** As the end of a file's name: `PNG`, `pdf`, `.docx`. */
  fileType: string;
  /** A line below the file. */
  caption?: string;
  /** A small picture of it, as base64. */
  preview?: string;
}

/**
 * Stores a file and shows it. All that can be refused is refused first, and the file has its place among the sends of the
 * dialog from then on: those that are called later wait until it is stored and shown.
 */
export async function upload(
  parts: ConversationParts,
  mainDialogId: string,
  data: FileData,
  file: UploadOptions,
): Promise<{ sequence: number; relativePath: string }> {
  const { fileType, shown, options } = checkUpload(file);
  const eventOf = (relativePath: string): PublishableEvent => ({
    type: 'ContentEvent',
    contentType: 'hosted/file',
    message: { relativePath, fileType, ...shown },
  });
  const { signal, timeoutMs } = options;
  const planned = planSend(parts, mainDialogId, eventOf('to be stored'), options);
  const { body, request } = planned;
  checkRequest('publishEvent', body, request);
  signal?.throwIfAborted();
  const store = async () => {
    const refused = parts.gate.refusal(body.dialogId);
    if (refused) throw refused;
    // A stream may come for as long as it likes, and there may be no agent any more.
    const over = firstAbort(signal, parts.lifetime.closed);
    const bytes = await readFile(data, over.signal).finally(over.stop);
    const relativePath = await storeFile(parts, { bytes, fileType }, { signal, timeoutMs });
    const { sequence } = await publishOne(parts, { ...planned, body: { ...body, event: eventOf(relativePath) } });
    return { sequence, relativePath };
  };
  return await parts.lanes.confirmed(body.dialogId, store, signal);
}

function checkUpload(file: UploadOptions) {
  const check = optionsChecker(file, 'uploadFile');
  check.some(['caption', 'preview'], 'a text', (value) => typeof value === 'string');
  if ('quickReplies' in file) {
    throw new ConfigError(
      'uploadFile: the platform shows no quick replies below a file; send them with a text behind it',
    );
  }
  check.known(['fileType', ...SEND_OPTIONS.filter((name) => name !== 'quickReplies')]);
  check.nothingElse();
  const { fileType, caption, preview, ...options } = file;
  const shown = { ...(caption !== undefined && { caption }), ...(preview !== undefined && { preview }) };
  return { fileType: checkFileType(fileType), shown, options };
}
