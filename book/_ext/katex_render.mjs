// One formula a line in, as JSON; its HTML (with MathML) or the error a line out.
import { createInterface } from "node:readline";
import katex from "katex";

const macros = JSON.parse(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  const { tex, displayMode } = JSON.parse(line);
  let answer;
  try {
    // A copy of the macros: a formula that defines one must not change the next.
    const options = { displayMode, strict: "error", macros: { ...macros } };
    answer = { html: katex.renderToString(tex, options) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
