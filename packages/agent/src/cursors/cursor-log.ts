import { crc32 } from 'node:zlib';

/** One line of a log: a key's value, a key forgotten (null), or a process that has opened the file. */
export type LogRecord<V> = readonly [key: string, value: V | null] | readonly [key: null, owner: string];

/** What a log holds. */
export interface ParsedLog<V> {
  readonly records: LogRecord<V>[];
  /** Whether the last line is incomplete, as a write that was cut off leaves it. */
  readonly torn: boolean;
  /** Whole lines that are not as they were written. */
  readonly corruptLines: number;
}

/** The text of the records, each on a line with a checksum; behind the header when the file is new. */
export function formatLog<V>(records: Iterable<LogRecord<V>>, header = ''): string {
  let text = header;
  for (const record of records) {
    const json = JSON.stringify(record);
    text += `${checksum(json)} ${json}\n`;
  }
  return text;
}

/** Reads a log; undefined when the text is none. */
export function parseLog<V>(text: string, header: string): ParsedLog<V> | undefined {
  if (header.startsWith(text)) return { records: [], torn: text !== '' && text !== header, corruptLines: 0 };
  if (!text.startsWith(header)) return undefined;
  const lines = text.slice(header.length).split('\n');
  const torn = lines.pop() !== '';
  const records: LogRecord<V>[] = [];
  for (const line of lines) {
    const record = parseLine<V>(line);
    if (record) records.push(record);
  }
  return { records, torn, corruptLines: lines.length - records.length };
}

function parseLine<V>(line: string): LogRecord<V> | undefined {
  const json = line.slice(9);
  // A line that carries its checksum was written by formatLog, so it is a record.
  return line.startsWith(`${checksum(json)} `) ? (JSON.parse(json) as LogRecord<V>) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
