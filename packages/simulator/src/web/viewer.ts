import type { Stream } from '@lp/core';
import type { WebSocket } from 'ws';
import { isObject } from '../handlers/call.ts';
import type { Journal, JournalEntry } from '../journal.ts';
import { readJson, textOf } from '../json.ts';
import type { Conversation, EventRecord } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import type { FaultPanel } from './fault-panel.ts';
import type { FeedMessage } from './page-api.ts';
import { accountView, agentView, conversationView, eventView, eventViews, frameView } from './views.ts';

export interface FeedSources {
  readonly platform: Platform;
  readonly journal: Journal;
  readonly panel: FaultPanel;
}

const BATCH_MS = 40;
const MAX_CONVERSATIONS = 200;
const MAX_EVENTS = 500;
const MAX_FRAMES = 500;
/** A page that reads slower than this is told later, and then only how things are. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** One open page: collects what changed and tells it a few times a second, so that no traffic is too much for it. */
export class Viewer {
  readonly #socket: WebSocket;
  readonly #sources: FeedSources;
  readonly #changed = new Set<Conversation>();
  readonly #sent = new Map<string, string>();
  #watched: Conversation | undefined;
  #events: EventRecord[] = [];
  #allEvents = false;
  #journal: Stream<JournalEntry> | undefined;
  #frames: JournalEntry[] = [];
  #allFrames = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(socket: WebSocket, sources: FeedSources) {
    this.#socket = socket;
    this.#sources = sources;
    socket.on('message', (data) => this.#asked((data as Buffer).toString()));
    this.#greet();
  }

  conversation(conversation: Conversation): void {
    this.#changed.add(conversation);
    this.#soon();
  }

  event(record: EventRecord): void {
    // What is read is no longer unread, which is no change of the conversation to anybody else.
    if (record.event.type === 'AcceptStatusEvent') this.conversation(record.conversation);
    if (record.conversation !== this.#watched) return;
    this.#events.push(record);
    if (this.#events.length > MAX_EVENTS) this.#allEvents = true;
    this.#soon();
  }

  refresh(): void {
    this.#soon();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#journal?.close();
    this.#socket.terminate();
  }

  #greet(): void {
    const { platform } = this.#sources;
    this.#send({ type: 'account', account: accountView(platform) });
    const newest = [...platform.conversations.values()]
      .sort((a, b) => b.lastUpdateTime - a.lastUpdateTime)
      .slice(0, MAX_CONVERSATIONS);
    this.#sendConversations(newest, true);
    this.#flush();
  }

  #asked(text: string): void {
    const request = readJson(text);
    if (!isObject(request)) {
      this.#socket.close(1008, 'Not a request');
      return;
    }
    const { conversationId, frames } = request;
    const wanted = this.#sources.platform.conversations.get(textOf(conversationId));
    if (wanted !== this.#watched) {
      this.#watched = wanted;
      this.#allEvents = wanted !== undefined;
    }
    if (frames === true) this.#follow();
    else this.#unfollow();
    this.#soon();
  }

  #follow(): void {
    if (this.#journal) return;
    const journal = this.#sources.journal.stream();
    this.#journal = journal;
    this.#allFrames = true;
    void this.#collect(journal);
  }

  #unfollow(): void {
    this.#journal?.close();
    this.#journal = undefined;
    this.#frames = [];
  }

  async #collect(journal: Stream<JournalEntry>): Promise<void> {
    for await (const entry of journal) {
      if (this.#journal !== journal) break;
      this.#frames.push(entry);
      if (this.#frames.length > 2 * MAX_FRAMES) this.#frames = this.#frames.slice(-MAX_FRAMES);
      this.#soon();
    }
  }

  #soon(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.#soon();
      else this.#flush();
    }, BATCH_MS);
  }

  #flush(): void {
    const { platform, panel } = this.#sources;
    if (this.#changed.size > 0) {
      const changed = [...this.#changed].slice(-MAX_CONVERSATIONS);
      this.#changed.clear();
      this.#sendConversations(changed, false);
    }
    this.#flushEvents();
    this.#flushFrames();
    this.#sendIfNew({ type: 'agents', agents: platform.agents.all.map(agentView) });
    this.#sendIfNew({ type: 'faults', faults: panel.views() });
  }

  #flushEvents(): void {
    const { platform } = this.#sources;
    const watched = this.#watched;
    const records = this.#events;
    this.#events = [];
    if (!watched || (records.length === 0 && !this.#allEvents)) return;
    const whole = this.#allEvents;
    this.#allEvents = false;
    const events = whole
      ? eventViews(platform, watched, MAX_EVENTS)
      : records.filter((record) => record.conversation === watched).map((record) => eventView(platform, record));
    this.#send({ type: 'events', conversationId: watched.id, events, whole });
  }

  #flushFrames(): void {
    if (this.#frames.length === 0 && !this.#allFrames) return;
    const frames = this.#frames.slice(-MAX_FRAMES).map(frameView);
    this.#frames = [];
    const whole = this.#allFrames;
    this.#allFrames = false;
    this.#send({ type: 'frames', frames, whole });
  }

  #sendConversations(conversations: readonly Conversation[], whole: boolean): void {
    const { platform } = this.#sources;
    this.#send({
      type: 'conversations',
      conversations: conversations.map((conversation) => conversationView(platform, conversation)),
      total: platform.conversations.size,
      whole,
    });
  }

  #sendIfNew(message: FeedMessage): void {
    const text = JSON.stringify(message);
    if (this.#sent.get(message.type) === text) return;
    this.#sent.set(message.type, text);
    this.#socket.send(text);
  }

  #send(message: FeedMessage): void {
    this.#socket.send(JSON.stringify(message));
  }
}
