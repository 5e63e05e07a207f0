import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { RequestInterceptor } from '@lp/agent';

/** Stops this process between the gate, which has just been asked, and the system call that writes. */
export interface WriteTrap {
  /** The next answer walks into it. */
  arm(): void;
  readonly interceptor: RequestInterceptor;
}

/** Watches the sockets that lead to a port. */
export function createWriteTrap(port: number): WriteTrap {
  let isArmed = false;
  let victim: { dialogId: unknown; text: unknown } | undefined;
  const write = Reflect.get(Socket.prototype, 'write') as (...given: unknown[]) => unknown;
  Socket.prototype.write = function trapped(this: Socket, ...given: Parameters<Socket['write']>): boolean {
    if (victim && this.remotePort === port) {
      writeSync(1, `${JSON.stringify({ type: 'trapped', at: Date.now(), ...victim })}\n`);
      victim = undefined;
      process.kill(process.pid, 'SIGSTOP');
    }
    return Reflect.apply(write, this, given) as boolean;
  } as Socket['write'];
  return {
    arm: () => {
      isArmed = true;
    },
    interceptor: async (call, next) => {
      const { dialogId, event } = (call.body ?? {}) as {
        dialogId?: unknown;
        event?: { type?: string; message?: unknown };
      };
      if (isArmed && event?.type === 'ContentEvent') {
        isArmed = false;
        victim = { dialogId, text: event.message };
      }
      return await next(call);
    },
  };
}
