// Builds into the folder it is given (.out without one): two console sheets, the survey sheet, three scripts that stand alone.
// Called by script/build-frontend, which has put the fonts into public/fonts before.
import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { constants, createBrotliCompress, createGzip } from "node:zlib";
import { build } from "vite";
import { trimTabler } from "./tabler.mjs";

const root = dirname(fileURLToPath(import.meta.url));
const outDir = resolve(process.argv[2] ?? join(root, ".out"));
const shared = { root, base: "./", configFile: false, logLevel: "warn" };

const sheets = { "console-rtl": "styles/console-rtl.css", "console-ltr": "styles/console-ltr.css", survey: "styles/survey.bundle.css" };

// The snippet runs on other people's sites, so also on older browsers.
const scripts = { console: "es2022", charts: "es2022", snippet: "es2017" };

async function buildSheets() {
  await build({
    ...shared,
    css: { postcss: { plugins: [trimTabler()] } },
    build: {
      outDir,
      emptyOutDir: true,
      cssTarget: ["chrome123", "safari17.5", "firefox120"],
      assetsInlineLimit: 4096,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(sheets).map(([name, path]) => [name, join(root, path)])),
        output: { assetFileNames: "[name][extname]" },
      },
    },
  });
}

async function buildScript([name, target]) {
  await build({
    ...shared,
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir,
      emptyOutDir: false,
      target,
      minify: true,
      rolldownOptions: { checks: { eval: false } }, // htmx can evaluate; the page forbids it (allowEval, CSP)
      lib: { entry: join(root, "src", `${name}.ts`), name: `peyvand_${name}`, formats: ["iife"], fileName: () => `${name}.js` },
    },
  });
}

async function compress(file) {
  const brotli = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  await pipeline(createReadStream(file), createGzip({ level: 9 }), createWriteStream(`${file}.gz`));
  await pipeline(createReadStream(file), brotli, createWriteStream(`${file}.br`));
}

await buildSheets();
for (const script of Object.entries(scripts)) await buildScript(script);
for (const name of readdirSync(outDir)) if (/\.(css|js|svg)$/.test(name)) await compress(join(outDir, name));
