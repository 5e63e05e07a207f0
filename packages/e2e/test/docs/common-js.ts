const IMPORT = /^import (.+) from ('[^']+');$/;
const ENDED = /\n+$/;

/** An ES module of a document in the form that a program without `"type": "module"` has. */
export function toCommonJs(code: string): string {
  const lines = code.replace(ENDED, '').split('\n');
  const last = lines.findLastIndex((line) => IMPORT.test(line));
  const required = lines.slice(0, last + 1).map((line) => line.replace(IMPORT, asRequire));
  const rest = lines
    .slice(last + 1)
    .join('\n')
    .trim()
    .split('\n');
  const main = rest.map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
  return `${required.join('\n')}

async function main() {
${main}
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
`;
}

function asRequire(_line: string, names: string, module: string): string {
  return `const ${names.replaceAll(/ as /g, ': ')} = require(${module});`;
}
