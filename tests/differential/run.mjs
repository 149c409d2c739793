// Runs random cases through both engines and says where they differ. See README.md.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callerOf, completions, generate } from './generate.mjs';
import { explain, misspelt, rewritten } from './kinds.mjs';
import { ask } from './peer.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const count = Number(option('cases', '20000'));
const seed = Number(option('seed', '1'));
const show = Number(option('show', '5'));
const only = option('only');

/** Runs `pipeline-preflight authorize` on cases. */
function authorize(cases) {
  mkdirSync(join(here, 'out'), { recursive: true });
  const asked = join(here, 'out', 'cases.jsonl');
  writeFileSync(asked, cases.map((test) => `${JSON.stringify(test)}\n`).join(''));
  const run = spawnSync('cargo', ['run', '--quiet', '--', 'authorize', '--format', 'json', asked], {
    cwd: join(here, '..', '..'),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (run.error) throw run.error;
  return run;
}

/** The verdicts of this project's engine, in the order of the cases; `refused` for policies that AWS would not have stored. */
function ours(cases) {
  const isFine = (test) => misspelt(test).length === 0;
  const fine = cases.filter(isFine);
  const run = authorize(fine);
  if (run.status !== 0) throw new Error(`the engine failed:\n${run.stderr}`);
  const verdicts = run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line).decision);
  if (verdicts.length !== fine.length) throw new Error(`${fine.length} cases, ${verdicts.length} verdicts`);
  const bad = cases.filter((test) => !isFine(test));
  if (bad.length) {
    const { status, stdout, stderr } = authorize(bad);
    const lines = new Set([...stderr.matchAll(/cases\.jsonl:([0-9]+):[0-9]+: unknown condition operator/g)].map(([, line]) => line));
    if (status !== 2 || stdout || lines.size !== bad.length) throw new Error(`of ${bad.length} misspelt cases ${lines.size} were refused:\n${stderr}`);
  }
  return cases.map((test) => (isFine(test) ? verdicts.shift() : 'refused'));
}

/** The cases without anything unknown that this one may stand for, at most a few hundred. */
function worlds(test) {
  let all = [test];
  for (const key of test.request.unknown ?? []) {
    all = all.flatMap((world) =>
      completions(key).map((values) => {
        const context = { ...world.request.context };
        if (values) context[key] = values;
        return { ...world, request: { ...world.request, context } };
      }),
    );
  }
  const { kind, role, session } = callerOf(test.request.principal);
  if (kind === 'role' && !session) {
    const name = role.split('/').at(-1);
    const account = role.split(':')[4];
    all = all.flatMap((world) => ['run-7', 'run-9'].map((run) => ({ ...world, roleArn: role, request: { ...world.request, principal: `arn:aws:sts::${account}:assumed-role/${name}/${run}` } })));
  }
  return all.map(({ request: { unknown, ...request }, ...world }) => ({ ...world, request }));
}

const add = (table, name) => table.set(name, (table.get(name) ?? 0) + 1);
const agreed = new Map();
const kinds = new Map();
const mixtures = new Map();
const examples = new Map();
const unexplained = [];
let explained = 0;
let unsettled = 0;

async function compare(test, verdict) {
  const note = (names) => {
    explained += 1;
    for (const name of names) add(kinds, name);
    if (names.length > 1) add(mixtures, names.join(' + '));
    if (!examples.has(names[0])) examples.set(names[0], test);
  };
  // The other engine takes such a condition for one that does not hold, so that a Deny with it denies nothing.
  if (verdict === 'refused') return note(['unknown-operator']);
  const open = worlds(test);
  if (open.length === 1) {
    const theirs = await ask(test);
    if (theirs === verdict) {
      // Two wrongs may agree, so the case without any known difference is asked too.
      const clean = await ask(rewritten(test));
      return clean === verdict ? add(agreed, verdict) : unexplained.push({ test, verdict, theirs: `${theirs}, and ${clean} once rewritten` });
    }
    const names = await explain(test, verdict, ask);
    return names ? note(names) : unexplained.push({ test, verdict, theirs });
  }
  // Of what is unknown every possibility is asked, and one of ours must follow from all of theirs.
  const seen = new Set();
  const used = new Set();
  for (const world of open) {
    const theirs = await ask(world);
    // Nothing allows it, and whether a Deny comes on top hangs on what is unknown: that is no other answer.
    if (verdict === 'Unknown' || theirs === verdict || (verdict === 'ImplicitDeny' && theirs === 'ExplicitDeny')) {
      seen.add(theirs);
      continue;
    }
    const names = await explain(world, verdict, ask);
    if (!names) return unexplained.push({ test, verdict, theirs, possible: world });
    names.forEach((name) => used.add(name));
  }
  if (used.size) return note([...used]);
  if (verdict === 'Unknown' && seen.size < 2) unsettled += 1;
  return add(agreed, verdict === 'Unknown' ? 'Unknown' : `${verdict}, whatever is unknown`);
}

const numbers = only === undefined ? Array.from({ length: count }, (_, number) => number) : [Number(only)];
const cases = numbers.map((number) => generate(seed, number));
const verdicts = ours(cases);
for (const [index, test] of cases.entries()) await compare(test, verdicts[index]);

const table = (rows) => [...rows].sort((a, b) => b[1] - a[1]).forEach(([name, number]) => console.log(`  ${String(number).padStart(7)}  ${name}`));
console.log(`cases: ${cases.length}, seed ${seed}`);
console.log('agreements by verdict:');
table(agreed);
if (unsettled) console.log(`  (${unsettled} of the unknown ones came out the same for every value tried)`);
console.log(`disagreements that are explained: ${explained}, by kind (a case may show several):`);
table(kinds);
if (mixtures.size) console.log(`  (${[...mixtures.values()].reduce((a, b) => a + b, 0)} cases show several kinds at once)`);
console.log(`unexplained: ${unexplained.length}`);
for (const { test, verdict, theirs, possible } of unexplained.slice(0, show)) {
  console.log(`--- ${test.id}: here ${verdict}, there ${theirs}`);
  console.log(JSON.stringify(possible ?? test, null, 1));
}
if (option('examples')) writeFileSync(option('examples'), JSON.stringify(Object.fromEntries(examples), null, 1));
process.exitCode = unexplained.length ? 1 : 0;
