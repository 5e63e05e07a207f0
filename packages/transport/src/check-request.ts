import { ConfigError } from '@lp/core';
import { checkOptionNames, checkSignal } from '@lp/core/internal';
import type { RequestFrame } from './frames.ts';
import type { RequestOptions } from './transport-types.ts';

const FRAME = [
  'type',
  'body',
  'headers',
  'metadata',
  'encodedMetadata',
] as const satisfies readonly (keyof RequestFrame)[];
const OPTIONS = [
  'timeoutMs',
  'signal',
  'idempotent',
  'read',
  'id',
  'onResponse',
] as const satisfies readonly (keyof RequestOptions)[];

/** Written out, not by an `optionsChecker`: every request goes through here. @throws ConfigError */
export function checkRequest(frame: RequestFrame, options: RequestOptions<unknown>): void {
  checkOptionNames('request', options, OPTIONS);
  if (typeof frame?.type !== 'string' || frame.type === '') {
    throw new ConfigError('a request needs a type: its wire name');
  }
  checkOptionNames('request', frame, FRAME);
  const { timeoutMs = 1, signal, idempotent, read, onResponse } = options;
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) {
    throw new ConfigError('timeoutMs must be a number of milliseconds above 0, or Infinity');
  }
  if (signal !== undefined) checkSignal(signal);
  if (idempotent !== undefined && typeof idempotent !== 'boolean') {
    throw new ConfigError('idempotent must be true or false');
  }
  if (read !== undefined && typeof read !== 'function') throw new ConfigError('read must be a function');
  if (onResponse !== undefined && typeof onResponse !== 'function') {
    throw new ConfigError('onResponse must be a function');
  }
}
