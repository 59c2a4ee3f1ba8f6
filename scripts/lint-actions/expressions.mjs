// Checks actions and workflows as GitHub's own editor service does: keys, contexts and functions in expressions, types, needs,
// cron lines. For steps that use this repository's actions it knows their inputs, too. Reaches no network.
//
//   node expressions.mjs ROOT FILE...
import { existsSync, readFileSync } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";

// The service imports JSON as bundlers do; Node wants to be told.
register("./json.mjs", import.meta.url);
const { validate } = await import("@actions/languageservice");

const OURS = "imgbudget/imgbudget";
const [root, ...files] = process.argv.slice(2);

const actionsMetadataProvider = {
  async fetchActionMetadata({ owner, name, path }) {
    const file = join(root, path ?? "", "action.yml");
    return `${owner}/${name}` === OURS && existsSync(file) ? parse(readFileSync(file, "utf8")) : undefined;
  },
};

// What others' actions take is written in their repositories, which are not at hand.
const outOfReach = (message) => message.startsWith("Unable to resolve action") && !message.includes(OURS);

let problems = 0;
for (const file of files) {
  const document = TextDocument.create(`file:///${file}`, "yaml", 0, readFileSync(join(root, file), "utf8"));
  for (const { range, message } of await validate(document, { actionsMetadataProvider })) {
    if (outOfReach(message)) continue;
    console.error(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
    problems += 1;
  }
}
process.exitCode = problems === 0 ? 0 : 1;
