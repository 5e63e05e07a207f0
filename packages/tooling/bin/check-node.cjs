'use strict';
// Old syntax on purpose: this file must be readable by any Node, so that an old one gets a sentence and no stack dump.

/** The sentence that says why this version will not do, or undefined. */
function nodeProblem(version, range) {
  var wanted = /(\d+)\.(\d+)/.exec(range);
  var have = /(\d+)\.(\d+)/.exec(version);
  var enough = have[1] === wanted[1] ? Number(have[2]) >= Number(wanted[2]) : Number(have[1]) > Number(wanted[1]);
  return enough
    ? undefined
    : 'This needs Node.js ' + range + ', and this is ' + version + '. Please install a newer one.';
}

module.exports = { nodeProblem: nodeProblem };
