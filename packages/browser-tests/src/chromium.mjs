import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StepFailed, step } from '../../tooling/src/run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ELSEWHERE = ['/usr/bin', '/snap/bin', '/Applications/Google Chrome.app/Contents/MacOS'];

/** The browser that `LP_CHROMIUM` names, or the first that is installed; undefined when there is none. */
export function findChromium({ LP_CHROMIUM, PATH = '' } = process.env) {
  if (LP_CHROMIUM) return LP_CHROMIUM;
  const folders = [...PATH.split(delimiter).filter(Boolean), ...ELSEWHERE];
  return folders.flatMap((folder) => [...NAMES, 'Google Chrome'].map((name) => join(folder, name))).find(isExecutable);
}

/** Installs Debian's Chromium where that can be done without asking. @throws StepFailed that says what to do otherwise. */
export async function installChromium() {
  const isDebian = ['/usr/bin/apt-get', '/bin/apt-get'].some(isExecutable);
  if (!isDebian || process.getuid?.() !== 0) {
    throw new StepFailed('No Chromium was found: install it, or name one with LP_CHROMIUM=/path/to/chromium.');
  }
  const quiet = { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await step('Updating the list of packages', 'apt-get', ['update'], quiet);
  await step('Installing Chromium', 'apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], quiet);
  const found = findChromium();
  if (!found) throw new StepFailed('Chromium was installed but is not on the PATH: name it with LP_CHROMIUM.');
  return found;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
