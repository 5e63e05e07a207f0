'use strict';
// Kept apart because `import()` is a syntax error in the versions that check-node.cjs turns away.
module.exports = (path) => import(path);
