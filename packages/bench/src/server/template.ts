/** Where a value of fixed width stands in a frame. */
export interface Field {
  readonly offsets: readonly number[];
  readonly width: number;
}

/** A WebSocket text frame that is written once; each message sent is a copy with a few values put in. */
export interface Template<F extends string> {
  readonly frame: Buffer;
  readonly fields: Readonly<Record<F, Field>>;
}

/** An unmasked text frame, as servers send. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(frame, head);
  return frame;
}

/** Makes a template of a value; `placeholders` are the texts that stand where values are put in, and fix their widths. */
export function createTemplate<F extends string>(
  value: object,
  placeholders: Readonly<Record<F, string>>,
): Template<F> {
  const frame = textFrame(JSON.stringify(value));
  const entries = Object.entries<string>(placeholders).map(([name, placeholder]) => [
    name,
    { offsets: offsetsOf(frame, placeholder), width: Buffer.byteLength(placeholder) },
  ]);
  return { frame, fields: Object.fromEntries(entries) };
}

function offsetsOf(frame: Buffer, placeholder: string): number[] {
  const offsets: number[] = [];
  for (let at = frame.indexOf(placeholder); at >= 0; at = frame.indexOf(placeholder, at + 1)) offsets.push(at);
  if (offsets.length === 0) throw new Error(`the placeholder ${placeholder} is not in the frame`);
  return offsets;
}

/** Puts a text of the field's width into the frame that begins at `start` in `target`. */
export function put(target: Buffer, start: number, { offsets, width }: Field, value: string): void {
  if (value.length !== width) throw new Error(`a value of ${value.length} characters does not fit a field of ${width}`);
  for (const offset of offsets) target.write(value, start + offset, width, 'latin1');
}

/** One frame with its values. */
export function fill<F extends string>({ frame, fields }: Template<F>, values: Readonly<Record<F, string>>): Buffer {
  const copy = Buffer.from(frame);
  for (const [name, value] of Object.entries<string>(values)) put(copy, 0, fields[name as F], value);
  return copy;
}
