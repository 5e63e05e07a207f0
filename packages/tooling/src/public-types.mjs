import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { isHidden, namedTypes } from './named-types.mjs';
import { root } from './run.mjs';

/** Reads the public types of packages, from their sources or from their declarations, as an editor does for who uses them. */
export class PublicTypes {
  #program;
  #checker;

  /** @param {readonly string[]} entries entry points, whole paths or from the workspace's top folder */
  constructor(entries) {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (file) => readFileSync(file, 'utf8'));
    const { options } = ts.parseJsonConfigFileContent(
      {
        compilerOptions: {
          ...config.compilerOptions,
          composite: false,
          declaration: false,
          declarationMap: false,
          rewriteRelativeImportExtensions: false,
          allowImportingTsExtensions: true,
          noEmit: true,
        },
      },
      ts.sys,
      root,
    );
    const files = entries.map((entry) => resolve(root, entry));
    this.#program = ts.createProgram(files, options);
    this.#checker = this.#program.getTypeChecker();
  }

  /** What an entry point exports, by name. */
  exportsOf(entry) {
    const module = this.#checker.getSymbolAtLocation(this.#program.getSourceFile(resolve(root, entry)));
    const found = this.#checker.getExportsOfModule(module);
    return new Map(found.map((symbol) => [symbol.name, this.#unalias(symbol)]));
  }

  /** The names of what an entry point exports as values, as a program that imports them may use them. */
  valuesOf(entry) {
    const file = this.#program.getSourceFile(resolve(root, entry));
    const type = this.#checker.getTypeOfSymbolAtLocation(this.#checker.getSymbolAtLocation(file), file);
    return this.#checker.getPropertiesOfType(type).map(({ name }) => name);
  }

  /** The members of an exported type: those that were declared here, private ones left out. */
  membersOf(symbol) {
    const isType = symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class | ts.SymbolFlags.TypeAlias);
    if (!isType) return [];
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    return type.isUnion() ? [] : this.#checker.getPropertiesOfType(type).filter((member) => this.#isOurs(member));
  }

  /** The fields of what a method takes first, those of every form of it, and so on inwards; each once. */
  fieldsOfBody(method) {
    const [call] = this.#checker.getTypeOfSymbol(method).getCallSignatures();
    const [body] = call?.getParameters() ?? [];
    const found = new Map();
    if (body) this.#collectFields(this.#checker.getTypeOfSymbol(body), found, new Set());
    return [...found.values()];
  }

  #collectFields(given, found, seen) {
    const type = this.#checker.getNonNullableType(given);
    if (seen.has(type)) return;
    seen.add(type);
    if (type.isUnion()) {
      for (const form of type.types) this.#collectFields(form, found, seen);
    } else if (this.#checker.isArrayType(type) || this.#checker.isTupleType(type)) {
      for (const item of this.#checker.getTypeArguments(type)) this.#collectFields(item, found, seen);
    } else if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
      for (const field of this.#checker.getPropertiesOfType(type).filter((one) => this.#isOurs(one))) {
        found.set(field.declarations[0], field);
        this.#collectFields(this.#checker.getTypeOfSymbol(field), found, seen);
      }
    }
  }

  /** The types of this workspace that values of a symbol's declarations have, see {@link namedTypes}. */
  namedBy(symbol) {
    return namedTypes(this.#checker, symbol, (one) => one.declarations?.some((part) => isDeclaredHere(part)) ?? false);
  }

  /** Its doc comment as one line; empty when it has none. */
  docOf(symbol) {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).replaceAll(/\s+/g, ' ').trim();
  }

  /** Whether its doc comment, or that of one of its overloads, has an example. */
  hasExample(symbol) {
    return symbol.getJsDocTags(this.#checker).some(({ name }) => name === 'example');
  }

  /** Whether it may be left out. */
  isOptional(symbol) {
    return (symbol.flags & ts.SymbolFlags.Optional) !== 0;
  }

  /** Its type as it was written, or as the compiler has it where nothing was written. */
  typeOf(symbol) {
    const [declaration] = symbol.declarations ?? [];
    const written = declaration?.type?.getText();
    const text = written ?? this.#checker.typeToString(this.#checker.getTypeOfSymbol(symbol));
    return text
      .replaceAll(/\/\*.*?\*\//gs, '')
      .replaceAll(/\s+/g, ' ')
      .replace(/ \| undefined$/, '');
  }

  #unalias(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #isOurs(member) {
    const [declaration] = member.declarations ?? [];
    if (declaration === undefined || /^(?:#|__)/.test(member.name)) return false;
    return isDeclaredHere(declaration) && !isHidden(declaration);
  }
}

const isDeclaredHere = (declaration) =>
  /\/packages\/[\w-]+\/(?:src|dist)\/|\/@lp\/[\w-]+\/dist\//.test(declaration.getSourceFile().fileName);
