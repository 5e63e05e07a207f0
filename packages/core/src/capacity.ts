import { ConfigError, SlowConsumerError } from './errors.ts';

const DEFAULT_CAPACITY = 1024;

/** How many unread items a stream holds. @throws ConfigError for what is not a number of items. */
export function capacityOf({ capacity = DEFAULT_CAPACITY }: { capacity?: number | undefined }): number {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new ConfigError('capacity must be a whole number of at least 1');
  }
  return capacity;
}

/** The error of a stream that ends when it is full. */
export function tooSlow(capacity: number): SlowConsumerError {
  return new SlowConsumerError(`the stream was not read fast enough: ${capacity} items are unread`, {
    context: { capacity },
  });
}
