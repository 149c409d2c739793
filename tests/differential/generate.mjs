// Random cases in the format of tests/fixtures/iam/README.md, without what is expected.
// A case depends on nothing but the seed and its number.

/** A small deterministic source of chance (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const die = {
    next,
    odds: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)],
    /** One or two of a list, mostly one. */
    some: (list) => (next() < 0.7 ? [die.pick(list)] : [die.pick(list), die.pick(list)]),
    upTo: (most) => Math.floor(next() * (most + 1)),
  };
  return die;
}

const A = '111111111111';
const B = '222222222222';

// What is asked for: action, resource, and other actions and resources that policies may name beside it.
const TARGETS = [
  ['s3:GetObject', 'arn:aws:s3:::artifact-store/blue/a.zip', 's3'],
  ['s3:PutObject', 'arn:aws:s3:::artifact-store/alice/b?c.zip', 's3'],
  ['s3:DeleteObject', 'arn:aws:s3:::artifact-store/x:y/z.zip', 's3'],
  ['s3:ListBucket', 'arn:aws:s3:::artifact-store', 's3'],
  ['s3:ListAllMyBuckets', '*', 's3'],
  ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:OWNER:builds', 'sqs'],
  ['sqs:ReceiveMessage', 'arn:aws:sqs:eu-west-1:OWNER:blue', 'sqs'],
  ['sns:Publish', 'arn:aws:sns:eu-west-1:OWNER:news', 'sns'],
  ['lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:OWNER:function:deploy', 'lambda'],
  ['lambda:ListFunctions', '*', 'lambda'],
  ['kms:Decrypt', 'arn:aws:kms:eu-west-1:OWNER:key/11111111-2222-3333-4444-555555555555', 'kms'],
  ['kms:GenerateDataKey', 'arn:aws:kms:eu-west-1:OWNER:key/11111111-2222-3333-4444-555555555555', 'kms'],
  ['kms:ScheduleKeyDeletion', 'arn:aws:kms:eu-west-1:OWNER:key/11111111-2222-3333-4444-555555555555', 'kms'],
  ['sts:AssumeRole', 'arn:aws:iam::OWNER:role/Deploy', 'role'],
  ['sts:AssumeRole', 'arn:aws:iam::OWNER:role/ci/Deploy', 'role'],
  ['sts:TagSession', 'arn:aws:iam::OWNER:role/Deploy', 'role'],
  ['iam:PassRole', 'arn:aws:iam::OWNER:role/Deploy', 'none'],
  ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:OWNER:secret:token-AbCdEf', 'secret'],
  ['ecr:BatchGetImage', 'arn:aws:ecr:eu-west-1:OWNER:repository/build/image', 'ecr'],
  ['ecr:GetAuthorizationToken', '*', 'ecr'],
  ['codepipeline:StartPipelineExecution', 'arn:aws:codepipeline:eu-west-1:OWNER:release', 'none'],
  ['sts:GetCallerIdentity', '*', 'role'],
];

// Keys with the values that they may hold in a request. `many`: the key holds a list.
const KEYS = [
  { key: 'aws:PrincipalTag/team', kind: 'string', values: ['blue', 'red', 'Blue', '', 'b*e', '12', '12abc', 'true'] },
  { key: 'aws:PrincipalOrgID', kind: 'string', values: ['o-one', 'o-two'] },
  { key: 'aws:SourceVpce', kind: 'string', values: ['vpce-1', 'vpce-2'] },
  { key: 'aws:RequestedRegion', kind: 'string', values: ['eu-west-1', 'us-east-1'] },
  { key: 'aws:PrincipalAccount', kind: 'string', values: [A, B] },
  { key: 'aws:SourceAccount', kind: 'string', values: [A, B] },
  { key: 'aws:username', kind: 'string', values: ['alice', 'bob'] },
  { key: 'aws:PrincipalArn', kind: 'arn', values: [`arn:aws:iam::${A}:role/Pipeline`, `arn:aws:iam::${A}:user/alice`] },
  { key: 'aws:SourceArn', kind: 'arn', values: [`arn:aws:events:eu-west-1:${A}:rule/nightly`, `arn:aws:sns:eu-west-1:${B}:news`, `arn:aws:lambda:eu-west-1:${A}:function:deploy`, 'no-arn'] },
  { key: 'aws:SecureTransport', kind: 'bool', values: ['true', 'false'] },
  { key: 'aws:ViaAWSService', kind: 'bool', values: ['true', 'false'] },
  { key: 'aws:MultiFactorAuthPresent', kind: 'bool', values: ['true', 'false'] },
  { key: 'aws:PrincipalIsAWSService', kind: 'bool', values: ['true', 'false'] },
  { key: 'aws:MultiFactorAuthAge', kind: 'number', values: ['10', '300', '3600', '1e3', '12.5'] },
  { key: 'aws:CurrentTime', kind: 'date', values: ['2026-05-01T12:00:00Z', '2026-11-20T00:00:00Z'] },
  { key: 'aws:EpochTime', kind: 'date', values: ['1777636800', '1795132800'] },
  { key: 'aws:TokenIssueTime', kind: 'date', values: ['2026-05-01T11:00:00Z', '2026-11-19T23:00:00Z'] },
  { key: 'aws:SourceIp', kind: 'address', values: ['10.1.2.3', '203.0.113.9', '2001:db8::1', '2001:db8:0:0:0:0:0:1'] },
  { key: 'aws:TagKeys', kind: 'string', many: true, values: [['team'], ['team', 'cost'], ['other'], []] },
  { key: 'aws:CalledVia', kind: 'string', many: true, values: [['cloudformation.amazonaws.com'], ['athena.amazonaws.com', 'sqs.amazonaws.com']] },
  { key: 'aws:PrincipalOrgPaths', kind: 'string', many: true, values: [['o-one/r-a/ou-1/'], ['o-two/r-b/ou-2/', 'o-one/r-a/ou-1/']] },
];

const OPERATORS = {
  string: ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike'],
  arn: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike', 'StringLike', 'StringNotEquals'],
  bool: ['Bool', 'Bool', 'StringEquals'],
  number: ['NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericLessThanEquals', 'NumericGreaterThan', 'NumericGreaterThanEquals'],
  date: ['DateEquals', 'DateNotEquals', 'DateLessThan', 'DateLessThanEquals', 'DateGreaterThan', 'DateGreaterThanEquals'],
  address: ['IpAddress', 'NotIpAddress'],
  binary: ['BinaryEquals'],
};

const WRITTEN = {
  string: ['blue', 'red', 'BLUE', 'o-one', 'vpce-1', 'eu-west-1', A, B, 'team', 'cost', 'b*', '?lue', '*', 'eu-*', 'o-one/*', '*.amazonaws.com',
    'cloudformation.amazonaws.com', '${aws:PrincipalTag/team}', '${aws:username}', "${aws:username, 'blue'}", '${aws:PrincipalOrgID}', 'b${*}e', '${aws:TagKeys}', ''],
  arn: ['arn:aws:iam::*:role/*', `arn:aws:iam::${A}:role/Pipeline`, `arn:aws:iam::${A}:*`, 'arn:aws:events:*:*:rule/*', '*', 'arn:aws:*:*:*:*',
    'arn:aws:iam::${aws:PrincipalAccount}:role/P*', 'arn:aws:iam::${aws:SourceAccount}:user/${aws:username}', 'arn:aws:s?s:*:*:news', 'arn:aws:lambda:*:function:deploy', 'arn:aws:lambda:*:*:deploy', 'arn:aws:lambda:*:*:*:deploy'],
  bool: ['true', 'false', 'True', true, false],
  number: ['10', '300', '1e3', '1000', '12.0', '12.5', 300],
  date: ['2026-05-01T12:00:00Z', '2026-05-01', '1777636800', '1795132800', '2026-11-19T23:00:00Z'],
  address: ['10.0.0.0/8', '10.1.2.3', '203.0.113.0/24', '0.0.0.0/0', '2001:db8::/32', '2001:db8::1', '::/0', '203.0.113.9/24', '2001:db8::1/32'],
  binary: ['Ymx1ZQ==', 'cmVk'],
};

/** One case. */
export function generate(seed, number) {
  const die = chance(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const principal = somePrincipal(die);
  const caller = callerOf(principal);
  // Only who has credentials of an account can ask whose they are.
  const [action, written, family] = die.pick(caller.account ? TARGETS : TARGETS.slice(0, -1));
  const owner = die.odds(0.6) ? A : B;
  const resource = written.replace('OWNER', owner);
  const nowhere = resource === '*';
  const world = { die, action, resource, family, owner: nowhere ? (caller.account ?? A) : owner, principal, caller };

  const { context, unknown } = someContext(world);
  const request = { principal, action, resource, context };
  if (unknown.length) request.unknown = unknown;
  if (caller.kind === 'role' && die.odds(0.02)) request.principalIsServiceLinkedRole = true;
  if (die.odds(0.02)) request.principalInManagementAccount = true;
  if (die.odds(0.02)) request.resourceInManagementAccount = true;

  const personal = caller.account !== undefined;
  const session = caller.kind === 'role' || caller.kind === 'federated';
  const has = (odds) => die.odds(odds);
  const policies = family !== 'none' && !nowhere;
  return {
    id: `${seed}-${number}`,
    request,
    identityPolicies: personal && caller.kind !== 'root' ? Array.from({ length: has(0.85) ? 1 + die.upTo(1) : 0 }, () => policy(world, 'identity')) : [],
    resourcePolicy: policies && has(0.75) ? policy(world, 'resource') : null,
    resourceAccount: world.owner,
    boundary: personal && caller.kind !== 'root' && has(0.25) ? policy(world, 'boundary') : null,
    sessionPolicy: session && has(caller.kind === 'federated' ? 0.7 : 0.2) ? policy(world, 'session') : null,
    scps: levels(world, 'scp', caller.kind === 'anonymous' ? 0 : personal ? 0.35 : 0.05),
    rcps: levels(world, 'rcp', 0.25),
  };
}

function somePrincipal(die) {
  const roll = die.next();
  if (roll < 0.5) return `arn:aws:sts::${A}:assumed-role/${die.pick(['Pipeline', 'Pipeline', 'Build'])}/${die.pick(['run-7', 'run-8'])}`;
  if (roll < 0.56) return `arn:aws:iam::${A}:role/${die.pick(['Pipeline', 'ci/Pipeline'])}`;
  if (roll < 0.78) return `arn:aws:iam::${A}:user/${die.pick(['alice', 'bob'])}`;
  if (roll < 0.83) return `arn:aws:sts::${A}:federated-user/alice`;
  if (roll < 0.93) return die.pick(['codepipeline.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com']);
  if (roll < 0.97) return 'anonymous';
  return `arn:aws:iam::${A}:root`;
}

/** What a principal is. */
export function callerOf(principal) {
  if (principal === 'anonymous') return { kind: 'anonymous' };
  if (!principal.startsWith('arn:')) return { kind: 'service' };
  const [, , service, , account, rest] = principal.split(':');
  if (rest === 'root') return { kind: 'root', account };
  const [type, ...names] = rest.split('/');
  if (service === 'sts' && type === 'assumed-role') {
    return { kind: 'role', account, role: `arn:aws:iam::${account}:role/${names[0]}`, session: principal };
  }
  if (type === 'federated-user') return { kind: 'federated', account };
  return type === 'user' ? { kind: 'user', account } : { kind: 'role', account, role: principal };
}

function someContext({ die, caller, principal }) {
  const context = {};
  const unknown = [];
  for (const { key, values, many } of KEYS) {
    if (die.odds(0.45)) continue;
    if (die.odds(0.03) && unknown.length < 2) {
      unknown.push(key);
      continue;
    }
    const value = die.pick(values);
    context[key] = many ? value : [value];
  }
  if (caller.account && die.odds(0.9)) {
    context['aws:PrincipalArn'] = [caller.role ?? principal];
    context['aws:PrincipalAccount'] = [caller.account];
  } else {
    delete context['aws:PrincipalArn'];
    delete context['aws:PrincipalAccount'];
  }
  return { context, unknown: unknown.filter((key) => !(key in context)) };
}

function levels(world, layer, odds) {
  const { die } = world;
  if (!die.odds(odds)) return [];
  return Array.from({ length: 1 + die.upTo(2) }, () => {
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    if (layer === 'rcp') return die.odds(0.7) ? [policy(world, layer)] : [];
    if (die.odds(0.02)) return [];
    return die.odds(0.6) ? (die.odds(0.5) ? [all, policy(world, layer)] : [all]) : [policy(world, layer)];
  });
}

function policy(world, layer) {
  const { die } = world;
  const policy = {};
  if (layer === 'rcp' || die.odds(0.93)) policy.Version = '2012-10-17';
  else if (die.odds(0.5)) policy.Version = '2008-10-17';
  const count = 1 + die.upTo(2);
  policy.Statement = Array.from({ length: count }, () => statement(world, layer));
  if (count === 1 && die.odds(0.3)) policy.Statement = policy.Statement[0];
  return policy;
}

const one = (die, list) => (list.length === 1 && die.odds(0.5) ? list[0] : list);

function statement(world, layer) {
  const { die } = world;
  const deny = layer === 'rcp' || die.odds(0.22);
  const statement = { Effect: deny ? 'Deny' : 'Allow' };
  if (layer === 'resource') {
    const not = die.odds(deny ? 0.35 : 0.02);
    statement[not ? 'NotPrincipal' : 'Principal'] = principals(world, not);
  }
  if (layer === 'rcp') statement.Principal = '*';
  const notAction = layer !== 'rcp' && die.odds(0.1);
  statement[notAction ? 'NotAction' : 'Action'] = one(die, actions(world, layer, notAction));
  const bound = layer === 'resource' && (world.family === 'role' || world.family === 'ecr');
  if (!bound) {
    const notResource = die.odds(0.12);
    statement[notResource ? 'NotResource' : 'Resource'] = one(die, resources(world, notResource));
  }
  if (die.odds(deny ? 0.75 : 0.4)) statement.Condition = conditions(world);
  return statement;
}

function actions({ die, action }, layer, not) {
  const [service, name] = action.split(':');
  const near = [action, action, action, `${service}:*`, `${service}:${name.slice(0, 3)}*`, `${service}:?${name.slice(1)}`, action.toLowerCase(), `${service.toUpperCase()}:${name}`];
  const far = ['s3:PutBucketPolicy', 'kms:Encrypt', 'sqs:Purge*', 'iam:*', `${service}:Tag*`];
  if (layer !== 'rcp') near.push('*');
  const list = die.some(far.concat(die.odds(not ? 0.3 : 0.85) ? near : []));
  return die.odds(not ? 0.3 : 0.8) ? [...list.slice(1), die.pick(near)] : list;
}

function resources({ die, resource }, not) {
  if (resource === '*') return die.odds(0.7) ? ['*'] : ['arn:aws:s3:::artifact-store', '*'].slice(0, 1 + die.upTo(1));
  const parts = resource.split(':');
  const head = parts.slice(0, 5).join(':');
  const last = parts.slice(5).join(':');
  const at = last.indexOf('/');
  const near = [resource, resource, '*', `${head}:*`, `${head}:${last.slice(0, -2)}*`, `${head}:${last.slice(0, -1)}?`, `${head}:${last.slice(0, 12)}*${last.slice(14)}`];
  if (parts[3]) near.push(`arn:aws:${parts[2]}:*:${last}`, `arn:aws:${parts[2]}:*:*:${last}`, `arn:aws:${parts[2]}:eu-*:${parts[4]}:${last}`, `arn:aws:${parts[2]}:*`);
  const far = [`${head}:${last}x`, `${head}:other`, `arn:aws:${parts[2]}:us-east-1:${parts[4]}:${last}`, `${head}:${last.toUpperCase()}`];
  const odd = [`arn:aws:*:${parts[3]}:${parts[4]}:${last}`, `${head}:\${aws:PrincipalTag/team}`, `${head}:\${aws:username}`];
  if (at > 0) {
    near.push(`${head}:${last.slice(0, at)}/*`);
    odd.push(`${head}:${last.slice(0, at)}/\${aws:PrincipalTag/team}/*`, `${head}:${last.slice(0, at)}/\${aws:username}/*`, `${head}:${last.slice(0, at)}/\${aws:username, 'blue'}/*`, `${head}:${last.slice(0, at)}/alice/b\${?}c*`);
  }
  if (parts[3]) odd.push(`arn:aws:${parts[2]}:${parts[3].toUpperCase()}:${parts[4]}:${last}`);
  const roll = die.next();
  const own = roll < (not ? 0.35 : 0.75) ? near : roll < 0.85 ? far : odd;
  return die.odds(0.75) ? [die.pick(own)] : [die.pick(own), die.pick(far)];
}

function principals({ die, principal, caller, owner }, not) {
  const own = [`arn:aws:iam::${A}:root`, A, `arn:aws:iam::${A}:role/Pipeline`, `arn:aws:iam::${A}:user/alice`, `arn:aws:sts::${A}:assumed-role/Pipeline/run-7`];
  if (caller.account) own.push(principal, principal);
  if (caller.role) own.push(caller.role, caller.role);
  const far = [`arn:aws:iam::${B}:root`, `arn:aws:iam::${A}:role/Other`, `arn:aws:iam::${A}:role/pipeline`, `arn:aws:sts::${A}:federated-user/alice`, `arn:aws:iam::${owner}:root`];
  if (not) {
    const spared = [principal, caller.role, `arn:aws:iam::${A}:root`].filter((text) => text?.startsWith('arn:') && die.odds(0.75));
    if (caller.kind === 'service') return { Service: die.odds(0.6) ? principal : 'lambda.amazonaws.com' };
    return { AWS: spared.length ? spared : [die.pick(far)] };
  }
  const roll = die.next();
  if (roll < 0.15) return '*';
  if (roll < 0.25) return { AWS: '*' };
  if (caller.kind === 'service' ? roll < 0.9 : roll < 0.3) {
    return { Service: caller.kind === 'service' && die.odds(0.85) ? principal : die.pick(['events.amazonaws.com', 'lambda.amazonaws.com']) };
  }
  const list = die.odds(0.8) ? [die.pick(own)] : die.some(far);
  if (die.odds(0.2)) list.push(die.pick(far));
  const map = { AWS: one(die, list) };
  if (die.odds(0.1)) map.Service = 'codepipeline.amazonaws.com';
  return map;
}

function conditions(world) {
  const { die } = world;
  const all = {};
  for (let left = 1 + (die.odds(0.25) ? 1 : 0); left > 0; left -= 1) {
    const { key, kind, many } = die.pick(KEYS);
    const name = die.odds(0.1) ? key.toLowerCase() : key;
    if (die.odds(0.08)) {
      (all.Null ??= {})[name] = die.pick(['true', 'false', true, false]);
      continue;
    }
    let family = die.odds(0.05) ? die.pick(Object.keys(OPERATORS)) : kind;
    if (key === 'aws:PrincipalTag/team' && die.odds(0.1)) family = die.pick(['binary', 'bool', 'number']);
    const base = die.pick(OPERATORS[family]);
    let operator = base;
    if (die.odds(0.2)) operator += 'IfExists';
    if (die.odds(many ? 0.85 : 0.08)) operator = `${die.pick(['ForAllValues', 'ForAnyValue'])}:${operator}`;
    if (die.odds(0.003)) operator = die.pick([operator.toLowerCase(), `${base}s`, 'StringEqual', 'StringNotEqual']);
    const pool = base.startsWith('String') ? WRITTEN.string.concat(kind === 'arn' ? WRITTEN.arn : []) : base.startsWith('Arn') ? WRITTEN.arn : WRITTEN[family];
    const values = valuesNear(world, key, pool, base);
    (all[operator] ??= {})[name] = one(die, values);
  }
  return all;
}

/** Values of a condition; half of them such that they are likely to be those of the request. */
function valuesNear({ die }, key, pool, base) {
  const own = KEYS.find((row) => row.key === key).values.flat();
  const readable = own.filter((text) => {
    if (base.startsWith('String')) return true;
    if (base.startsWith('Numeric')) return /^[0-9.e]+$/.test(text);
    if (base.startsWith('Date')) return /^[0-9]{4}-|^[0-9]{10}$/.test(text);
    if (base.startsWith('Arn')) return text.startsWith('arn:');
    return false;
  });
  const list = readable.length && die.odds(0.5) ? readable : pool;
  return die.odds(0.7) ? [die.pick(list)] : [die.pick(list), die.pick(pool)];
}

/** Values to try for a key whose value is not known; `undefined` stands for its absence. */
export function completions(key) {
  const row = KEYS.find((row) => row.key === key);
  const values = row.values.map((value) => (row.many ? value : [value]));
  return [undefined, ...values, row.many ? ['something-else'] : ['something-else']];
}
