const REDACTED = '[redacted]';

/** Holds a secret that no printing shows: text, JSON, `util.inspect` and template strings all give `[redacted]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Use it at once and keep it nowhere. */
  reveal(): string {
    return this.#value;
  }

  /** `[redacted]`, never the value. */
  toString(): string {
    return REDACTED;
  }

  /** `[redacted]`, never the value. */
  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
