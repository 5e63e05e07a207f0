import { ProtocolError } from '@lp/core';

/** A response, read in full. Printing it shows its status and size: headers and body may hold secrets. */
export interface HttpResponse {
  /** The host that responded, with its port where it has one. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The body as it came, without compression. */
  bytes(): Uint8Array;
  /** The body as UTF-8 text. */
  text(): string;
  /**
   * The body as JSON; undefined when it is empty. Whole numbers that a double would round come as text.
   * @throws ProtocolError when the body is not JSON; the error does not quote it.
   */
  json(): unknown;
}

/** Makes an {@link HttpResponse}; `host` is named in errors. */
export function createHttpResponse(
  host: string,
  status: number,
  headers: Record<string, string | string[]>,
  body: Uint8Array,
): HttpResponse {
  return new ReceivedResponse(host, status, headers, body);
}

class ReceivedResponse implements HttpResponse {
  readonly status: number;
  readonly host: string;
  readonly #headers: Record<string, string | string[]>;
  readonly #body: Uint8Array;

  constructor(host: string, status: number, headers: Record<string, string | string[]>, body: Uint8Array) {
    this.status = status;
    this.host = host;
    this.#headers = headers;
    this.#body = body;
  }

  get headers(): Readonly<Record<string, string | string[]>> {
    return this.#headers;
  }

  bytes(): Uint8Array {
    return this.#body;
  }

  text(): string {
    return new TextDecoder().decode(this.#body);
  }

  json(): unknown {
    const text = this.text();
    if (text.trim() === '') return undefined;
    try {
      return parseLossless(text);
    } catch {
      throw new ProtocolError(
        `${this.host} responded with ${this.#body[0] === 0x1f && this.#body[1] === 0x8b ? 'gzip without saying so' : 'something that is not JSON'}`,
        {
          retryable: true,
          context: { host: this.host, status: this.status, bytes: this.#body.length },
        },
      );
    }
  }

  toJSON(): { status: number; bytes: number } {
    return { status: this.status, bytes: this.#body.length };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): { status: number; bytes: number } {
    return this.toJSON();
  }
}

const TOKEN = /"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function parseLossless(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  const exact = text.replace(TOKEN, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return JSON.parse(exact);
}
