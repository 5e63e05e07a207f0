// Dials follow at once, so that no test waits for a backoff that is meant for production.
export const fastReconnect = {
  initialMs: 1,
  maxMs: 20,
  dialSpacingMs: 0,
  loginSpacingMs: 0,
  rateLimitMs: 1,
  serverErrorDelaysMs: [5],
  maxAttempts: 50,
};
