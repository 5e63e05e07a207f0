import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { isHidden, namedTypes } from './named-types.mjs';
import { root } from './run.mjs';

const OPTIONS = /^Simulated|(?:Options|Policy|Limits|Login|Settle|Quirks)$/;
const OPTIONS_PARAMETER = /^(?:options|query|target|file|profile|policy|why|__\d+)$/;

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

  /** The functions and methods that an entry point exports, by how they are called: `createFleet`, `Fleet.serve`. */
  callsOf(entry) {
    return [...this.exportsOf(entry)].flatMap(([name, symbol]) => {
      if (symbol.flags & ts.SymbolFlags.Function) return [[name, symbol]];
      const members = symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class) ? this.membersOf(symbol) : [];
      const methods = members.filter(({ flags }) => flags & ts.SymbolFlags.Method);
      return methods.map((method) => [`${name}.${method.name}`, method]);
    });
  }

  /** The options of a function, those of every overload: the fields of its parameter for them. */
  optionsOf(callable) {
    const signatures = this.#checker.getTypeOfSymbol(callable).getCallSignatures();
    const parameters = signatures.flatMap((signature) => signature.getParameters());
    const fields = parameters
      .filter(({ name }) => OPTIONS_PARAMETER.test(name))
      .flatMap((parameter) => this.#fieldsOf(this.#checker.getTypeOfSymbol(parameter)));
    return this.#each(fields);
  }

  /** The options that an exported type is made of. */
  optionsIn(symbol) {
    return this.#each(this.#fieldsOf(this.#checker.getDeclaredTypeOfSymbol(symbol)));
  }

  /** Of a field that stands in several forms of a type, the one that has a comment. */
  #each(fields) {
    const byName = new Map();
    for (const field of fields) if (!byName.has(field.name) || this.docOf(field) !== '') byName.set(field.name, field);
    return [...byName.values()];
  }

  /** The options that an option has for its value, as `reconnect` has. */
  nestedOptions(option) {
    const owner = this.ownerOf(option);
    const isOptions = (name) => name !== undefined && name !== owner && OPTIONS.test(name);
    return this.#fieldsOf(this.#checker.getTypeOfSymbol(option)).filter((one) => isOptions(this.ownerOf(one)));
  }

  #fieldsOf(given) {
    const type = this.#checker.getNonNullableType(given);
    if (type.isUnion()) return type.types.flatMap((one) => this.#fieldsOf(one));
    if (this.#checker.isArrayType(type))
      return this.#checker.getTypeArguments(type).flatMap((one) => this.#fieldsOf(one));
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) || type.getCallSignatures().length > 0)
      return [];
    return this.#checker.getPropertiesOfType(type).filter((field) => this.#isOurs(field));
  }

  /** The name of the type that declares a member; undefined where it stands in a signature. */
  ownerOf(member) {
    for (let at = member.declarations[0].parent; at; at = at.parent) {
      if (ts.isInterfaceDeclaration(at) || ts.isClassDeclaration(at)) return at.name.text;
      if (ts.isTypeAliasDeclaration(at)) return at.name.text;
      if (ts.isFunctionLike(at)) return undefined;
    }
    return undefined;
  }

  /** The types of this workspace that values of a symbol's declarations have, see {@link namedTypes}. */
  namedBy(symbol) {
    return namedTypes(this.#checker, symbol, (one) => one.declarations?.some((part) => isDeclaredHere(part)) ?? false);
  }

  /** Its doc comment as one line; empty when it has none. */
  docOf(symbol) {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
    return text
      .replaceAll(/\{@link\s+([^\s}|]+)\s*\}/g, '`$1`')
      .replaceAll(/\s+/g, ' ')
      .trim();
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
