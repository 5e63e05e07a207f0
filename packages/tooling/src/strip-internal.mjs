import ts from 'typescript';

/** Whether a declaration is for the workspace alone. */
export const isInternal = (node) => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');

const isDeclared = (node) => ts.isStatement(node) || ts.isClassElement(node) || ts.isTypeElement(node);

/**
 * Takes out of a declaration file what is for the workspace alone (`@internal`): an editor would offer it to who uses the
 * package. The lines stay, empty, so that the source map stays right. The compiler's own `stripInternal` would hide it
 * from the workspace's tests too.
 */
export function stripInternal(file, code) {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const parts = [];
  let end = 0;
  const visit = (node) => {
    if (!isDeclared(node) || !isInternal(node)) return ts.forEachChild(node, visit);
    parts.push(code.slice(end, node.pos), code.slice(node.pos, node.end).replaceAll(/[^\n]/g, ''));
    end = node.end;
  };
  ts.forEachChild(source, visit);
  return [...parts, code.slice(end)].join('');
}
