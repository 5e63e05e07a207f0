import { scenarios } from './all.ts';
import { runScenario } from './run-scenario.ts';

// With an id: one fault. Without: all, one after the other, in this process.
const [only] = process.argv.slice(2);
for (const scenario of scenarios.filter(({ id }) => only === undefined || id.includes(only))) {
  const startedAt = performance.now();
  try {
    const row = await runScenario(scenario);
    console.log(
      `${row.failures.length > 0 ? 'FAIL' : 'ok'} ${row.id} ${row.outcome} ${row.afterMs} ms, real ${Math.round(performance.now() - startedAt)} ms ${row.failures.join(' | ')}`,
    );
  } catch (error) {
    console.log(`THROW ${scenario.id} ${(error as Error).stack}`);
  }
}
