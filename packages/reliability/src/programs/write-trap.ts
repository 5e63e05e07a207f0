import { writeSync } from 'node:fs';
import type { RequestInterceptor } from '@lp/agent';
import WebSocket from 'ws';

/** Stops this process between the gate, which has just been asked, and the system call that writes. */
export interface WriteTrap {
  /** The next answer walks into it. */
  arm(): void;
  readonly interceptor: RequestInterceptor;
}

/** Watches what sockets are given to send. */
export function createWriteTrap(): WriteTrap {
  let isArmed = false;
  let victim: { dialogId: string; text: string } | undefined;
  const send = Reflect.get(WebSocket.prototype, 'send') as (...given: unknown[]) => unknown;
  const trapped = function (this: WebSocket, ...given: unknown[]): unknown {
    const [frame] = given;
    const isVictim =
      victim && typeof frame === 'string' && frame.includes(victim.dialogId) && frame.includes(victim.text);
    if (isVictim) {
      writeSync(1, `${JSON.stringify({ type: 'trapped', at: Date.now(), ...victim })}\n`);
      victim = undefined;
      process.kill(process.pid, 'SIGSTOP');
    }
    return Reflect.apply(send, this, given);
  };
  Object.assign(WebSocket.prototype, { send: trapped });
  return {
    arm: () => {
      isArmed = true;
    },
    interceptor: async (call, next) => {
      const { dialogId, event } = (call.body ?? {}) as {
        dialogId?: unknown;
        event?: { type?: string; message?: unknown };
      };
      const isAnswer = event?.type === 'ContentEvent' && typeof event.message === 'string';
      if (isArmed && isAnswer && typeof dialogId === 'string') {
        isArmed = false;
        victim = { dialogId, text: event.message as string };
      }
      return await next(call);
    },
  };
}
