import { crc32 } from 'node:zlib';

const HEADER = 'lp-cursors 1\n';

/** One line of a cursor log: a dialog's number, a dialog forgotten (null), or a process that has opened the file. */
export type LogRecord = readonly [dialogId: string, sequence: number | null] | readonly [dialogId: null, owner: string];

/** What a cursor log holds. */
export interface CursorLog {
  readonly records: LogRecord[];
  /** Whether the last line is incomplete, as a write that was cut off leaves it. */
  readonly torn: boolean;
  /** Whole lines that are not as they were written. */
  readonly corruptLines: number;
}

/** The text of the records, each on a line with a checksum; with the header when the file is new. */
export function formatLog(records: Iterable<LogRecord>, { header }: { header: boolean }): string {
  let text = header ? HEADER : '';
  for (const record of records) {
    const json = JSON.stringify(record);
    text += `${checksum(json)} ${json}\n`;
  }
  return text;
}

/** Reads a log; undefined when the text is none. */
export function parseLog(text: string): CursorLog | undefined {
  if (HEADER.startsWith(text)) return { records: [], torn: text !== '' && text !== HEADER, corruptLines: 0 };
  if (!text.startsWith(HEADER)) return undefined;
  const lines = text.slice(HEADER.length).split('\n');
  const torn = lines.pop() !== '';
  const records: LogRecord[] = [];
  for (const line of lines) {
    const record = parseLine(line);
    if (record) records.push(record);
  }
  return { records, torn, corruptLines: lines.length - records.length };
}

function parseLine(line: string): LogRecord | undefined {
  const json = line.slice(9);
  // A line that carries its checksum was written by formatLog, so it is a record.
  return line.startsWith(`${checksum(json)} `) ? (JSON.parse(json) as LogRecord) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
