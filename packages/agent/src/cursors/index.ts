export { type CursorStore, createMemoryCursorStore } from './cursor-store.ts';
