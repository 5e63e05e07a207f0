'use strict';
var problem = require('./check-node.cjs').nodeProblem(process.versions.node, require('../package.json').engines.node);
if (problem) {
  process.stderr.write(problem + '\n');
  process.exitCode = 1;
} else {
  void require('./load.cjs')('../src/demo-fleet.mjs');
}
