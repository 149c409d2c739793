// Worlds that are too large to be kept: made of one that is.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

const MODEL = "tests/fixtures/cases/codebuild-app-account/broken";
const PIPELINE = "111111111111/ap-southeast-2/codepipeline/booking.json";
const GUEST = "222222222222";

/** Every file of a folder. */
async function files(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/**
 * A pipeline whose stages for building and testing come in waves, each with an action in each of eight accounts: one action for the
 * source, and sixteen for each wave.
 */
export async function large(folder, waves) {
  const accounts = [..."23456789"].map((digit) => digit.repeat(12));
  for (const file of await files(MODEL)) {
    const text = await readFile(file, "utf8");
    const name = relative(MODEL, file);
    const copies = name.startsWith(GUEST) ? accounts : [GUEST];
    for (const account of copies) {
      const to = join(folder, name.replaceAll(GUEST, account));
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text.replaceAll(GUEST, account));
    }
  }
  const document = JSON.parse(await readFile(join(MODEL, PIPELINE), "utf8"));
  const { pipeline } = document;
  const [source, ...stages] = pipeline.stages;
  const first = source.actions[0].outputArtifacts[0].name;
  pipeline.stages = [source];
  for (let wave = 1; wave <= waves; wave += 1) {
    for (const stage of stages) {
      const actions = accounts.flatMap((account) =>
        stage.actions.map((action) => {
          const copy = JSON.parse(JSON.stringify(action).replaceAll(GUEST, account));
          copy.name += `-${account[0]}`;
          for (const artifact of [...(copy.inputArtifacts ?? []), ...(copy.outputArtifacts ?? [])]) {
            if (artifact.name !== first) artifact.name += `-${wave}-${account[0]}`;
          }
          return copy;
        }),
      );
      pipeline.stages.push({ ...stage, name: `${stage.name}-${wave}`, actions });
    }
  }
  await writeFile(join(folder, PIPELINE), JSON.stringify(document, null, 2));
}

/** A world in which an action and its stage have names that would be markup. */
export async function hostile(folder) {
  for (const file of await files(MODEL)) {
    const to = join(folder, relative(MODEL, file));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, await readFile(file, "utf8"));
  }
  const document = JSON.parse(await readFile(join(MODEL, PIPELINE), "utf8"));
  document.pipeline.stages[1].name = `"><script>alert(1)</script><!--`;
  document.pipeline.stages[1].actions[0].name = `<img src=x onerror=alert(1)>`;
  await writeFile(join(folder, PIPELINE), JSON.stringify(document));
}
