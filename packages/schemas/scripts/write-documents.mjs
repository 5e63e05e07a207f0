// Writes schema.json and asyncapi.json beside the built code, before the package is packed.
import { writeFileSync } from 'node:fs';
import * as schemas from '../dist/index.js';
import { renderDocuments } from './render-documents.mjs';

for (const [name, document] of Object.entries(renderDocuments(schemas)))
  writeFileSync(new URL(`../dist/${name}`, import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
