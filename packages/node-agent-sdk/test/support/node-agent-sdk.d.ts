declare module 'node-agent-sdk' {
  import type { EventEmitter } from 'node:events';

  /** The registry's own package, 1.2.0: what the replacement is compared with. */
  export class Agent extends EventEmitter {
    constructor(conf: Record<string, unknown>);
    dispose(): void;
  }
}

declare module 'node-agent-sdk/lib/Transformer.js' {
  interface Frame {
    type: string;
    body?: unknown;
  }
  const transformer: Record<string, (frame: Frame, agent: object) => Frame>;
  export default transformer;
}
