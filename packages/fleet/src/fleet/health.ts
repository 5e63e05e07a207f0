import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Worker } from '../worker/worker.ts';

/** Responds to probes about a worker. */
export function respondToProbe(worker: Worker): (request: IncomingMessage, response: ServerResponse) => void {
  return (_request, response) => {
    const logins: Record<string, number> = {};
    for (const { state } of worker.seats.values()) logins[state] = (logins[state] ?? 0) + 1;
    const { state } = worker;
    const isWell = (state === 'member' || state === 'draining') && worker.lease.isValid;
    response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ state, logins }));
  };
}
