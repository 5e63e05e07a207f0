// Started as a program of its own: vite's native half takes nothing from another realm, as a test's is.
import { build } from 'vite';

const [, , entry, outDir] = process.argv;
await build({
  configFile: false,
  logLevel: 'error',
  build: {
    outDir,
    lib: { entry, formats: ['es'], fileName: 'workspace' },
    rollupOptions: { output: { entryFileNames: 'workspace.js' } },
  },
});
