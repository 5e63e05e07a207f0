import { AgentSurveyClient } from './survey-client.ts';

// What `require` and `import` of `lib/AgentSurveyClient` give: the class itself.
export { AgentSurveyClient as default, AgentSurveyClient as 'module.exports' };
