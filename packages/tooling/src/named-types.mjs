import ts from 'typescript';
import { isInternal } from './strip-internal.mjs';

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
/** Of TypeScript's own types those that take one apart: what they are of is not what a value has. */
const OPERATORS = new Set(['Exclude', 'Extract', 'Omit', 'Parameters', 'Pick']);

/** Whether who uses a class or an interface is not meant to see this part of it. */
export function isHidden(declaration) {
  const { name } = declaration;
  return (
    (name !== undefined && ts.isPrivateIdentifier(name)) ||
    (ts.getCombinedModifierFlags(declaration) & HIDDEN) !== 0 ||
    isInternal(declaration)
  );
}

/**
 * The types that the declarations of a symbol name for values: for members, parameters and results, and for what an
 * array, a union or a promise of them holds. A type that only gives another its shape (a base, an operand, a generic
 * helper) is gone through for what it names itself: nobody declares a value by it.
 * @param isOurs whether a symbol is declared in this workspace
 */
export function namedTypes(checker, symbol, isOurs) {
  const named = new Set();
  const passed = new Set();

  function refer(target, isHeld) {
    if (!target || !(target.flags & ts.SymbolFlags.Type) || target.flags & ts.SymbolFlags.TypeParameter) return;
    if (!isOurs(target)) return;
    if (isHeld && !isHelper(target)) {
      named.add(target);
    } else if (!passed.has(target)) {
      passed.add(target);
      visitAll(target);
    }
  }

  function visit(node, isHeld) {
    if (node === undefined || ts.isTypeQueryNode(node)) return;
    const isWritten = node.pos >= 0;
    if (isWritten && ts.canHaveModifiers(node) && isHidden(node)) return;
    const each = (nodes, held) => {
      for (const one of nodes ?? []) visit(one, held);
    };
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const name = ts.isTypeReferenceNode(node) ? lastName(node.typeName) : node.expression;
      const target = unalias(isWritten ? checker.getSymbolAtLocation(name) : name.symbol);
      refer(target, isHeld);
      each(
        node.typeArguments,
        target !== undefined && !OPERATORS.has(target.name) && !(isOurs(target) && isHelper(target)),
      );
    } else if (ts.isImportTypeNode(node)) {
      refer(unalias(node.qualifier?.symbol), isHeld);
      each(node.typeArguments, true);
    } else if (ts.isUnionTypeNode(node) || ts.isTupleTypeNode(node)) {
      each(node.types ?? node.elements, true);
    } else if (ts.isArrayTypeNode(node)) {
      visit(node.elementType, true);
    } else if (ts.isHeritageClause(node) || ts.isTypeParameterDeclaration(node)) {
      ts.forEachChild(node, (child) => visit(child, false));
    } else if (ts.isTypeOperatorNode(node)) {
      visit(node.type, isHeld && node.operator !== ts.SyntaxKind.KeyOfKeyword);
    } else if (ts.isIndexedAccessTypeNode(node)) {
      visit(node.objectType, false);
    } else if (ts.isConditionalTypeNode(node)) {
      each([node.checkType, node.extendsType], false);
      each([node.trueType, node.falseType], isHeld);
    } else if (ts.isTypeAliasDeclaration(node)) {
      each(node.typeParameters, false);
      visit(node.type, false);
    } else if (hasValue(node)) {
      visitValue(node, isWritten);
    } else {
      ts.forEachChild(node, (child) => visit(child, isHeld));
    }
  }

  /** A function, a member, a variable: its parts but for its code, and its type, as the compiler has it where none is written. */
  function visitValue(node, isWritten) {
    if (ts.isFunctionLike(node) && node.body !== undefined && checker.isImplementationOfOverload(node)) return;
    ts.forEachChild(node, (child) => {
      if (child !== node.body && child !== node.initializer) visit(child, true);
    });
    if (isWritten && node.type === undefined && !ts.isConstructorDeclaration(node) && !ts.isSetAccessor(node)) {
      const signature = ts.isFunctionLike(node) ? checker.getSignatureFromDeclaration(node) : undefined;
      const type = signature ? checker.getReturnTypeOfSignature(signature) : checker.getTypeAtLocation(node);
      visit(checker.typeToTypeNode(type, node, ts.NodeBuilderFlags.NoTruncation), true);
    }
  }

  function visitAll(target) {
    for (const declaration of target.declarations ?? []) visit(declaration, true);
  }

  function unalias(target) {
    return target && target.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(target) : target;
  }

  visitAll(symbol);
  return [...named];
}

const lastName = (name) => (ts.isQualifiedName(name) ? name.right : name);

const hasValue = (node) =>
  ts.isFunctionLike(node) ||
  ts.isPropertyDeclaration(node) ||
  ts.isPropertySignature(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isParameter(node);

/** A generic alias: the compiler shows what it comes to. */
const isHelper = ({ declarations = [] }) =>
  declarations.some((one) => ts.isTypeAliasDeclaration(one) && one.typeParameters !== undefined);
