#!/usr/bin/env node
import { runCli } from './run.ts';

// Whoever has read enough closes the pipe, as `head` does.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const running = await runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});

if (typeof running === 'number') {
  process.exitCode = running;
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close());
}
