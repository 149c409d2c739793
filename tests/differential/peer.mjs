// Asks the other engine.

import { runSimulation } from '@cloud-copilot/iam-simulate';

/** Its verdicts in our words. */
export const VERDICTS = { Allowed: 'Allowed', ExplicitlyDenied: 'ExplicitDeny', ImplicitlyDenied: 'ImplicitDeny' };
const SEVERITY = ['Allowed', 'ImplicitDeny', 'ExplicitDeny'];

/** How it is asked: as it is, without leaving out what it does not know. */
export const STRICT = { simulationMode: 'Strict' };

/** A case as it takes it. */
export function simulation(test) {
  const contextVariables = {};
  for (const [key, values] of Object.entries(test.request.context)) {
    contextVariables[key] = values.length === 1 ? values[0] : values;
  }
  const named = (policies, name) => policies.map((policy, index) => ({ name: `${name}-${index}`, policy }));
  const levels = (levels, name) =>
    levels.map((policies, index) => ({ orgIdentifier: `level-${index}`, policies: named(policies, `${name}-${index}`) }));
  const { principal, action, resource } = test.request;
  return {
    request: {
      principal: principal === 'anonymous' ? { type: 'Anonymous' } : principal,
      action,
      resource: { resource, accountId: test.resourceAccount },
      contextVariables,
    },
    identityPolicies: named(test.identityPolicies, 'identity'),
    resourcePolicy: test.resourcePolicy ?? undefined,
    permissionBoundaryPolicies: test.boundary ? named([test.boundary], 'boundary') : undefined,
    sessionPolicy: test.sessionPolicy ?? undefined,
    serviceControlPolicies: levels(test.scps ?? [], 'scp'),
    resourceControlPolicies: levels(test.rcps ?? [], 'rcp'),
  };
}

/** Its verdict on a case, or `refused: why`. */
export async function ask(test) {
  // A rewritten case may ask for the session policy to be judged as a boundary. A second boundary would widen the first
  // one, so with both the worse of two answers counts.
  if (test.sessionAsBoundary && test.sessionPolicy) {
    const bare = { ...test, sessionPolicy: null, sessionAsBoundary: false };
    const asked = [{ ...bare, boundary: test.sessionPolicy }];
    if (test.boundary) asked.push(bare);
    const verdicts = [];
    for (const one of asked) verdicts.push(await ask(one));
    return verdicts.find((verdict) => verdict.startsWith('refused')) ?? SEVERITY.findLast((verdict) => verdicts.includes(verdict));
  }
  const answer = await runSimulation(simulation(test), STRICT);
  if (answer.resultType === 'error') return `refused: ${JSON.stringify(answer.errors)}`;
  const ignored = answer.result?.ignoredContextKeys ?? [];
  if (ignored.length) return `refused: ignores ${ignored}`;
  return VERDICTS[answer.overallResult];
}
