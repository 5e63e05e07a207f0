import type { Symbol as TypeSymbol } from 'typescript';

export class PublicTypes {
  constructor(entries: readonly string[]);
  exportsOf(entry: string): Map<string, TypeSymbol>;
  valuesOf(entry: string): string[];
  membersOf(symbol: TypeSymbol): TypeSymbol[];
  namedBy(symbol: TypeSymbol): TypeSymbol[];
  fieldsOfBody(method: TypeSymbol): TypeSymbol[];
  docOf(symbol: TypeSymbol): string;
  hasExample(symbol: TypeSymbol): boolean;
  isOptional(symbol: TypeSymbol): boolean;
  typeOf(symbol: TypeSymbol): string;
}
