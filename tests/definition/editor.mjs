// What the browser's editors make of a file when nobody edits it: pairs of paths, from=to.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, ...pairs] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { BpmnModdle } = await load("bpmn-moddle");
const { DmnModdle } = await load("dmn-moddle");

for (const pair of pairs) {
  const [from, to] = pair.split("=");
  const isTable = from.endsWith(".dmn");
  const moddle = isTable ? new DmnModdle() : new BpmnModdle();
  const { rootElement } = await moddle.fromXML(readFileSync(from, "utf8"), isTable ? "dmn:Definitions" : "bpmn:Definitions");
  writeFileSync(to, (await moddle.toXML(rootElement, { format: true })).xml);
}
