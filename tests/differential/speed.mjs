// Times both engines on the scenes of scenes.json. See README.md.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPolicy } from '@cloud-copilot/iam-policy';
import { runSimulation } from '@cloud-copilot/iam-simulate';
// The package does not export its inner function, so that it is reached by its file.
import { DiscoveryContextKeyConstraints } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js';
import { authorize } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js';
import { AwsRequestImpl } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/request/request.js';
import { RequestContextImpl } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/requestContext.js';
import { STRICT, VERDICTS, ask, simulation } from './peer.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const scenes = JSON.parse(readFileSync(join(here, 'scenes.json'), 'utf8'));

/** What the public entry hands to the inner function. */
function loaded(test) {
  const { request, ...layers } = simulation(test);
  const load = (policies) => policies?.map(({ name, policy }) => loadPolicy(policy, { name }));
  const levels = (levels) => levels.map(({ orgIdentifier, policies }) => ({ orgIdentifier, policies: load(policies) }));
  return {
    request: new AwsRequestImpl(request.principal, request.resource, request.action, new RequestContextImpl(request.contextVariables), false),
    identityPolicies: load(layers.identityPolicies),
    resourcePolicy: layers.resourcePolicy && loadPolicy(layers.resourcePolicy, { name: 'resource' }),
    permissionBoundaries: load(layers.permissionBoundaryPolicies),
    sessionPolicy: undefined,
    vpcEndpointPolicies: undefined,
    serviceControlPolicies: levels(layers.serviceControlPolicies),
    resourceControlPolicies: levels(layers.resourceControlPolicies),
    simulationParameters: { simulationMode: 'Strict', discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]) },
    serviceSettings: { s3: {} },
  };
}

const now = () => Number(process.hrtime.bigint());

/** How long so many calls take, in nanoseconds. */
const direct = (run) => (times) => {
  const start = now();
  for (let call = 0; call < times; call += 1) run();
  return now() - start;
};
const awaited = (run) => async (times) => {
  const start = now();
  for (let call = 0; call < times; call += 1) await run();
  return now() - start;
};

/** Nanoseconds per call, after half a second to warm up: the median of a thousand samples, short ones so that most are undisturbed. */
async function time(sample) {
  let times = 1;
  for (let spent = 0; spent < 5e8; ) {
    const last = await sample(times);
    spent += last;
    if (last < 5e5) times *= 2;
  }
  const samples = [];
  while (samples.length < 1000) samples.push((await sample(times)) / times);
  return samples.sort((a, b) => a - b)[500];
}

async function theirs(test) {
  const asked = simulation(test);
  const inner = loaded(test);
  const text = JSON.stringify(test);
  const entry = () => runSimulation(asked, STRICT);
  const fromText = () => runSimulation(simulation(JSON.parse(text)), STRICT);
  const verdicts = [await ask(test), VERDICTS[authorize(inner).result], VERDICTS[(await entry()).overallResult], VERDICTS[(await fromText()).overallResult]];
  if (verdicts.some((verdict) => verdict !== test.expected)) throw new Error(`${test.id}: ${verdicts} instead of ${test.expected}`);
  return { inner: await time(direct(() => authorize(inner))), entry: await time(awaited(entry)), fromText: await time(awaited(fromText)) };
}

const UNITS = { ns: 1, 'µs': 1e3, ms: 1e6, s: 1e9 };

/** The medians that `cargo bench` prints, in nanoseconds by function and scene; it holds each scene to its expectation itself. */
function ours() {
  const run = spawnSync('cargo', ['bench', '--bench', 'decide', '--', '--skip', 'hostile', 'verdict', 'traced', 'uncompiled', 'from_text'], {
    cwd: join(here, '..', '..'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error('the benchmark failed');
  const medians = {};
  let group;
  // A row: its name, then fastest, slowest, median, mean; the row of a function has none of these.
  for (const line of run.stdout.split('\n')) {
    const name = line.match(/^[│├╰─ ]+(\S.*?)(?=  |$)/u)?.[1];
    const times = [...line.matchAll(/([0-9.]+) (ns|µs|ms|s) /gu)].map(([, number, unit]) => Number(number) * UNITS[unit]);
    if (name && times.length === 4) medians[group][name] = times[2];
    else if (name) medians[(group = name)] = {};
  }
  return medians;
}

const own = ours();
const rate = (nanoseconds) => {
  const perSecond = 1e9 / nanoseconds;
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(perSecond)) - 2);
  return (Math.round(perSecond / digits) * digits).toLocaleString('en');
};
const rows = [['scene', 'asked', 'decisions/s here', 'there', 'ratio']];
for (const test of scenes) {
  const { inner, entry, fromText } = await theirs(test);
  for (const [asked, here, there] of [
    ['verdict', own.verdict[test.id], inner],
    ['verdict with trace', own.traced[test.id], inner],
    ['policies not yet read', own.uncompiled[test.id], entry],
    ['JSON text', own.from_text[test.id], fromText],
  ]) {
    rows.push([test.id, asked, rate(here), rate(there), (there / here).toFixed(there / here < 10 ? 1 : 0)]);
  }
}
console.log(`${cpus()[0].model}, Node ${process.versions.node}`);
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows) console.log(row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '));
