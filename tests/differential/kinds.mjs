// The known kinds of disagreement. Each one rewrites a case into another one that means the same to AWS, and in which the
// other engine does not meet the difference any more. A disagreement is explained when it vanishes under such rewriting.
// What each kind rests on stands in README.md under the same name.

import { callerOf } from './generate.mjs';

const LAYERS = ['identityPolicies', 'resourcePolicy', 'boundary', 'sessionPolicy', 'scps', 'rcps'];
const MULTIVALUED = ['aws:tagkeys', 'aws:calledvia', 'aws:principalorgpaths'];
const NOTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }] };
const EVERYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

const asList = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The case with every statement replaced by what `change` makes of it; `null` drops it. */
function eachStatement(test, change, layers = LAYERS) {
  const ofPolicy = (policy, layer) => {
    const statements = asList(policy.Statement).map((one) => change(one, policy, layer)).filter((one) => one !== null);
    return { ...policy, Statement: statements.length ? statements : NOTHING.Statement };
  };
  const walk = (value, layer) => {
    if (value === null || value === undefined) return value;
    return Array.isArray(value) ? value.map((one) => walk(one, layer)) : ofPolicy(value, layer);
  };
  const changed = { ...test };
  for (const layer of layers) {
    const rewritten = walk(test[layer], layer);
    // An RCP that says nothing cannot be written with an Allow.
    changed[layer] = layer === 'rcps' ? rewritten.map((level) => level.filter((policy) => policy.Statement !== NOTHING.Statement)) : rewritten;
  }
  return changed;
}

/** The case with each condition replaced: `{ values }` for other values, `true` or `false` for what it comes to. */
export function eachCondition(test, change) {
  return eachStatement(test, (statement, policy) => {
    if (!statement.Condition) return statement;
    const condition = {};
    for (const [operator, keys] of Object.entries(statement.Condition)) {
      for (const [key, written] of Object.entries(keys)) {
        const answer = change(parse(operator), key, asList(written), policy);
        if (answer === false) return null;
        if (answer === true) continue;
        (condition[operator] ??= {})[key] = answer ? answer.values : written;
      }
    }
    return { ...statement, Condition: condition };
  });
}

/** An operator with what stands around it. */
export function parse(operator) {
  const [set, rest] = operator.includes(':') ? operator.split(':') : ['', operator];
  const ifExists = rest.endsWith('IfExists');
  const base = ifExists ? rest.slice(0, -'IfExists'.length) : rest;
  return { operator, set, base, ifExists, negated: /Not/.test(base), known: OPERATORS.has(base) };
}

const OPERATORS = new Set(
  ('StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike ' +
    'NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals ' +
    'DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals ' +
    'Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null').split(' '),
);

function valuesOf(test, key) {
  const found = Object.keys(test.request.context).find((name) => name.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : test.request.context[found];
}

const readsVariables = (base) => /^(String|Arn|Bool)/.test(base);
const speaksToday = (policy) => policy.Version === '2012-10-17';
const VARIABLE = /\$\{([^}]*)\}/g;

/** The value of what stands inside `${}`; `null` when it has none; `undefined` for the three escapes. */
function variable(test, inside) {
  if (['*', '?', '$'].includes(inside)) return undefined;
  const [key, fallback] = inside.split(/,\s*/);
  if (MULTIVALUED.includes(key.toLowerCase())) return null;
  const values = valuesOf(test, key);
  if (values?.length === 1) return values[0];
  return fallback === undefined ? null : fallback.slice(1, -1);
}

const isVoid = (test, text) => [...String(text).matchAll(VARIABLE)].some(([, inside]) => variable(test, inside) === null);
const escaped = (text) => text.replace(/[*?$]/g, (sign) => `\${${sign}}`);
const fill = (test, text, wildcards = true) => text.replace(VARIABLE, (whole, inside) => {
  const value = variable(test, inside);
  if (value === undefined || value === null) return whole;
  return wildcards ? escaped(value) : value;
});
const readsWildcards = (base) => /Like$|^Arn/.test(base);
const literal = (text) => (typeof text === 'string' ? text.replaceAll('${', '${$}{') : text);

function eachResource(test, change) {
  return eachStatement(test, (statement, policy, layer) => {
    for (const element of ['Resource', 'NotResource']) {
      if (statement[element] === undefined) continue;
      const list = asList(statement[element]).map((text) => change(text, policy, layer)).filter((text) => text !== null);
      const { [element]: _, ...rest } = statement;
      if (list.length) return { ...rest, [element]: list };
      return element === 'Resource' ? null : { ...rest, Resource: '*' };
    }
    return statement;
  });
}

const NUMBER = /^[+-]?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?$/i;
const readable = {
  Numeric: (text) => NUMBER.test(text),
  Date: (text) => /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) || NUMBER.test(text),
};
const family = (base) => (base.startsWith('Numeric') ? 'Numeric' : base.startsWith('Date') ? 'Date' : undefined);

const plainAddress = (text) => !text.includes('/');
const hostBits = (text) => text === '2001:db8::1/32';

/** Which identities of the caller an element lists. */
function listed(test, element) {
  const { principal } = test.request;
  const caller = callerOf(principal);
  caller.role = test.roleArn ?? caller.role;
  const written = typeof element === 'string' ? [element] : [...asList(element.AWS), ...asList(element.Service)];
  const account = written.some((text) => text === caller.account || (caller.account && text === `arn:aws:iam::${caller.account}:root`));
  return { everybody: written.includes('*'), self: written.includes(principal), role: written.includes(caller.role), account, caller };
}

/** Whether a Deny with NotPrincipal leaves the caller alone. */
function isSpared(test, element) {
  const { everybody, self, role, account, caller } = listed(test, element);
  if (everybody) return true;
  if (test.boundary && caller.account) return false;
  switch (caller.kind) {
    case 'role':
      return self && role && account;
    case 'root':
      return account;
    case 'user':
    case 'federated':
      return self && account;
    default:
      return self;
  }
}

const RCP_UNBOUND = ['sns', 'lambda', 'iam'];
const KMS_OWN_ACCOUNT = ['kms:ScheduleKeyDeletion'];

/** Kinds in the order in which they are tried. */
export const KINDS = {
  'session-policy-and-direct-grants': (test) => ({ ...test, sessionAsBoundary: true }),
  'federated-user-without-session-policy': (test) =>
    callerOf(test.request.principal).kind === 'federated' && !test.sessionPolicy ? { ...test, sessionPolicy: NOTHING, sessionAsBoundary: true } : test,
  'root-user': (test) => (callerOf(test.request.principal).kind === 'root' ? { ...test, identityPolicies: [EVERYTHING] } : test),
  'service-linked-role': (test) => (test.request.principalIsServiceLinkedRole ? { ...test, scps: [], rcps: [] } : test),
  'management-account': (test) => ({
    ...test,
    scps: test.request.principalInManagementAccount ? [] : test.scps,
    rcps: test.request.resourceInManagementAccount ? [] : test.rcps,
  }),
  'scp-on-service-principal': (test) => (callerOf(test.request.principal).kind === 'service' ? { ...test, scps: [] } : test),
  'rcp-outside-its-services': (test) => (RCP_UNBOUND.includes(test.request.action.split(':')[0]) ? { ...test, rcps: [] } : test),
  'no-trust-policy': (test) =>
    /^sts:(AssumeRole|TagSession)/.test(test.request.action) && !test.resourcePolicy
      ? { ...test, resourcePolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'sts:AssumeRole' }] } }
      : test,
  'kms-own-account-only': (test) =>
    KMS_OWN_ACCOUNT.includes(test.request.action) && callerOf(test.request.principal).account !== undefined && callerOf(test.request.principal).account !== test.resourceAccount
      ? eachStatement(test, (one) => (one.Effect === 'Allow' ? null : one), ['resourcePolicy'])
      : test,
  'not-principal': (test) =>
    eachStatement(
      test,
      (statement) => {
        if (!statement.NotPrincipal) return statement;
        const { NotPrincipal, ...rest } = statement;
        return statement.Effect === 'Deny' && !isSpared(test, NotPrincipal) ? { ...rest, Principal: '*' } : null;
      },
      ['resourcePolicy'],
    ),
  'role-name-case': (test) => {
    const drop = (map) => ({ ...map, AWS: asList(map.AWS).map((text) => (text.endsWith(':role/pipeline') ? text.replace('pipeline', 'nobody') : text)) });
    return eachStatement(test, (one) => (one.Principal?.AWS ? { ...one, Principal: drop(one.Principal) } : one), ['resourcePolicy']);
  },
  'role-path': (test) => {
    const isOther = (text) => test.roleArn && text.includes(':role/') && text !== test.roleArn && text.split('/').at(-1) === test.roleArn.split('/').at(-1);
    const drop = (map) => ({ ...map, AWS: asList(map.AWS).map((text) => (isOther(text) ? `${text}-nobody` : text)) });
    return eachStatement(test, (one) => (one.Principal?.AWS ? { ...one, Principal: drop(one.Principal) } : one), ['resourcePolicy']);
  },
  'version-2008-variables': (test) => {
    const inConditions = eachCondition(test, ({ base }, key, values, policy) => {
      if (speaksToday(policy) || !readsVariables(base)) return null;
      // No value of a request holds such a text; without wildcards the other engine has no way to write it.
      return { values: readsWildcards(base) ? values.map(literal) : values.filter((value) => !String(value).includes('${')) };
    });
    return eachResource(inConditions, (text, policy) => (speaksToday(policy) ? text : literal(text)));
  },
  'variable-without-value': (test) => {
    const drops = (values) => values.filter((value) => !isVoid(test, value));
    const inConditions = eachCondition(test, ({ base }, key, values, policy) =>
      speaksToday(policy) && readsVariables(base) && drops(values).length < values.length ? { values: drops(values) } : null,
    );
    return eachResource(inConditions, (text, policy) => (speaksToday(policy) && isVoid(test, text) ? null : text));
  },
  'escaped-sign-without-wildcards': (test) =>
    eachCondition(test, ({ base }, key, values, policy) =>
      speaksToday(policy) && readsVariables(base) && !readsWildcards(base)
        ? { values: values.map((value) => (typeof value === 'string' ? value.replace(/\$\{([*?$])\}/g, '$1') : value)) }
        : null,
    ),
  'variable-filled-in': (test) => {
    const inConditions = eachCondition(test, ({ base }, key, values, policy) =>
      speaksToday(policy) && readsVariables(base) ? { values: values.map((value) => (isVoid(test, value) ? value : fill(test, String(value), readsWildcards(base)))) } : null,
    );
    return eachResource(inConditions, (text, policy) => (speaksToday(policy) && !isVoid(test, text) ? fill(test, text) : text));
  },
  'service-segment-wildcard': (test) => eachResource(test, (text) => (/^arn:[^:]*:[^:]*[*?][^:]*:.*:.*:/.test(text) ? null : text)),
  'star-over-colons': (test) =>
    eachResource(test, (text) => {
      const [arn, partition, service, region, account, ...rest] = text.split(':');
      const spills = region === '*' && account !== undefined && account !== '' && !/^([0-9]+|\*)$/.test(account);
      return spills ? [arn, partition, service, '*', '*', account, ...rest].join(':') : text;
    }),
  'resource-segment-case': (test) => eachResource(test, (text) => (/^arn:aws:[^:]*:[A-Z]/.test(text) ? null : text)),
  'rcp-short-arn': (test) =>
    eachResource(test, (text, policy, layer) => {
      if (layer !== 'rcps' || text === '*') return text;
      const parts = text.split(':');
      return [...parts, ...Array(Math.max(0, 6 - parts.length)).fill('*')].join(':');
    }),
  'empty-list': (test) => {
    const context = Object.fromEntries(Object.entries(test.request.context).filter(([, values]) => values.length));
    return { ...test, request: { ...test.request, context } };
  },
  'date-in-seconds': (test) =>
    eachCondition(test, ({ base }, key, values) => {
      const own = valuesOf(test, key);
      if (!base.startsWith('Date') || own?.length !== 1) return null;
      const isSeconds = (text) => /^[0-9]+$/.test(text);
      if (isSeconds(own[0])) return { values: values.map((value) => (isSeconds(String(value)) ? value : String(Date.parse(value) / 1000))) };
      return { values: values.map((value) => (isSeconds(String(value)) ? new Date(Number(value) * 1000).toISOString() : value)) };
    }),
  'number-with-exponent': (test) => {
    const plain = (text) => (/^[0-9.]+e[0-9]+$/.test(text) ? String(Number(text)) : text);
    const context = Object.fromEntries(Object.entries(test.request.context).map(([key, values]) => [key, key === 'aws:MultiFactorAuthAge' ? values.map(plain) : values]));
    // A text that is compared with the same key has to change along with it.
    const along = (key) => key.toLowerCase() === 'aws:multifactorauthage';
    const inConditions = eachCondition(test, ({ base }, key, values) =>
      base.startsWith('Numeric') || along(key) ? { values: values.map((value) => plain(String(value))) } : null,
    );
    return { ...inConditions, request: { ...test.request, context } };
  },
  'unreadable-request-value': (test) =>
    eachCondition(test, ({ base, set, negated }, key) => {
      const values = valuesOf(test, key);
      if (!values?.length) return null;
      if (MULTIVALUED.includes(key.toLowerCase()) && !set) return null;
      if (family(base)) return values.some(readable[family(base)]) ? null : negated;
      return null;
    }),
  'bool-of-other-text': (test) =>
    eachCondition(test, ({ base, set }, key, written) => {
      const values = valuesOf(test, key);
      if (base !== 'Bool' || !values?.length) return null;
      if (MULTIVALUED.includes(key.toLowerCase()) && !set) return null;
      if (values.some((value) => /^(true|false)$/i.test(value))) return null;
      return written.some((value) => String(fill(test, String(value))).toLowerCase() === 'false');
    }),
  'binary-encoding': (test) =>
    eachCondition(test, ({ base }, key, values) => {
      if (base !== 'BinaryEquals') return null;
      return { values: values.flatMap((value) => [value, Buffer.from(value, 'base64').toString()]) };
    }),
  'address-without-prefix': (test) =>
    eachCondition(test, ({ base }, key, values) =>
      base.endsWith('IpAddress') ? { values: values.map((value) => (plainAddress(value) ? `${value}/${value.includes(':') ? 128 : 32}` : value)) } : null,
    ),
  'address-range-of-everything': (test) =>
    eachCondition(test, ({ base }, key, values) =>
      base.endsWith('IpAddress') ? { values: values.flatMap((value) => (value === '0.0.0.0/0' ? ['0.0.0.0/1', '128.0.0.0/1'] : [value])) } : null,
    ),
  'address-host-bits': (test) =>
    eachCondition(test, ({ base }, key, values) =>
      // A network that no request of these cases comes from.
      base.endsWith('IpAddress') ? { values: values.map((value) => (hostBits(value) ? 'ffff::1/128' : value)) } : null,
    ),
  'arn-star': (test) =>
    eachCondition(test, ({ base }, key, values) => (base.startsWith('Arn') ? { values: values.map((value) => (value === '*' ? '*:*:*:*:*:*' : value)) } : null)),
  'arn-operator-with-other-text': (test) =>
    eachCondition(test, ({ base }, key, values) =>
      base.startsWith('Arn') && values.some((value) => String(value).split(':').length < 6 && value !== '*') ? { values: values.filter((value) => value === '*' || String(value).split(':').length >= 6) } : null,
    ),
};

/** How far a condition with an unknown operator may go: as if it held, and as if it did not. */
export function misspelt(test) {
  let found = 0;
  eachCondition(test, (operator) => {
    if (!operator.known) found += 1;
    return null;
  });
  return Array.from({ length: found ? 2 ** Math.min(found, 4) : 0 }, (_, bits) => {
    let index = -1;
    return eachCondition(test, (operator) => {
      if (operator.known) return null;
      index += 1;
      return ((bits >> index) & 1) === 1;
    });
  });
}

/** The case under every rewriting: what the other engine says to it has to be right, whatever it says to the case itself. */
export const rewritten = (test) => apply(test, Object.keys(KINDS));

const apply = (test, names) => names.reduce((changed, name) => KINDS[name](changed), test);

/** The kinds that explain why `peer` differs from `ours`, or `null`. `ask` gives the other engine's verdict on a case. */
export async function explain(test, ours, ask) {
  const agrees = async (names) => (await ask(apply(test, names))) === ours;
  const plain = JSON.stringify(test);
  const candidates = Object.keys(KINDS).filter((name) => JSON.stringify(KINDS[name](test)) !== plain);
  for (const name of candidates) if (await agrees([name])) return [name];
  let names = Object.keys(KINDS);
  if (!(await agrees(names))) return null;
  // Leave out what is not needed.
  for (const name of Object.keys(KINDS)) {
    const fewer = names.filter((other) => other !== name);
    if (await agrees(fewer)) names = fewer;
  }
  return names;
}
