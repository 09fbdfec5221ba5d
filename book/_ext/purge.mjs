// A stylesheet and the files that it is for in, as JSON; the rules that they need out.
import { text } from "node:stream/consumers";
import { PurgeCSS } from "purgecss";

const { css, content } = JSON.parse(await text(process.stdin));
const [purged] = await new PurgeCSS().purge({
  content,
  css: [{ raw: css }],
  fontFace: false,
  keyframes: true,
  variables: true,
});
process.stdout.write(purged.css);
