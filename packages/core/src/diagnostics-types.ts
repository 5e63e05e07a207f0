/** The part of a `node:diagnostics_channel` channel that these packages use. */
export interface DiagnosticsChannel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}
