import { step } from './run.mjs';

/** Bundles the simulator's chat page into what `@lp/simulator` serves; `tsc` does not. */
export async function buildPage() {
  await step('Build the chat page', process.execPath, ['packages/simulator-web/build.mjs'], { quiet: true });
}
