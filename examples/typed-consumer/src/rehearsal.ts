import { startSimulator } from '@lp/simulator';

/** Sends what a simulated consumer is told of a conversation, as the platform's webhooks would; then something that is no webhook. */
export async function sendWebhooks(url: string): Promise<void> {
  await using simulator = await startSimulator();
  const chat = await simulator.consumer().startConversation({ message: 'Hello?' });
  await chat.close();
  await chat.closed;
  for (const { direction, frame, text } of simulator.recentFrames) {
    if (direction === 'out' && frame?.kind === 'notification') await post(url, text);
  }
  await post(url, '{"kind":"notification","type":"ms.MessagingEventNotification","body":{"changes":[{"event":1}]}}');
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  await response.arrayBuffer();
}
