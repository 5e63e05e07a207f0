import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Conversation } from '@lp/agent';

const PICTURE = fileURLToPath(new URL('../picture.png', import.meta.url));

/** Answers a file with its size, and anything else with a picture. */
export async function shareFiles(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages({ from: 'consumer' })) {
    const { event } = message;
    if (event.type === 'ContentEvent' && event.contentType === 'hosted/file') {
      const bytes = await conversation.downloadFile(event.message.relativePath);
      await message.reply(`Thank you for your file of ${bytes.byteLength} bytes.`);
    } else {
      const file = { fileType: 'PNG', caption: 'Where we are', inReplyTo: message };
      await conversation.uploadFile(createReadStream(PICTURE), file);
    }
  }
}
