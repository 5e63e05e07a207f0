/** What every request takes besides its body. */
export interface RequestOptions {
  /** Sent beside the body, as it is. */
  headers?: readonly unknown[] | undefined;
  /** Typed objects that travel with an event or a conversation change; at most 32. */
  metadata?: readonly unknown[] | undefined;
  /** Sent beside the body, as it is. */
  encodedMetadata?: string | undefined;
  /** How long to wait for the response, in milliseconds; default `requestTimeoutMs` of the agent (10,000). */
  timeoutMs?: number | undefined;
  /** Gives up waiting: the promise rejects with `signal.reason`. The platform may still act on a request that was sent. */
  signal?: AbortSignal | undefined;
}
