// Bundles web/frontend/src into web/static/dist: node build.mjs [--watch] [--outdir DIR]
//
// Every file directly in src/ is an entry (one small script or sheet a page); src/parts/ is shared.
// Names carry a hash of their content, so a browser may keep them for ever; manifest.json says which
// file an entry became, and what it imports. THIRD_PARTY_LICENSES.txt names every bundled package.
import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, 'src');
const watching = process.argv.includes('--watch');
const at = process.argv.indexOf('--outdir');
const outdir = path.resolve(at > 0 ? process.argv[at + 1] : path.join(here, '..', 'static', 'dist'));

const inDist = file => path.relative(outdir, path.resolve(here, file)).split(path.sep).join('/');

function describe(outputs) {
  const manifest = {};
  for (const [file, output] of Object.entries(outputs)) {
    if (!output.entryPoint) continue;
    manifest[path.basename(output.entryPoint)] = {
      file: inDist(file),
      css: output.cssBundle ? [inDist(output.cssBundle)] : [],
      imports: output.imports.filter(i => i.kind === 'import-statement' && !i.external).map(i => inDist(i.path)),
    };
  }
  return manifest;
}

function sweep(folder, keep) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) sweep(file, keep);
    else if (!keep.has(inDist(file))) fs.unlinkSync(file);
  }
}

function licences(inputs) {
  const packages = new Set();
  for (const input of Object.keys(inputs)) {
    const found = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
    if (found) packages.add(found[1]);
  }
  let text = 'Third-party packages bundled into these assets\n\n';
  if (!packages.size) text += 'None: the scripts of the pages are our own.\n';
  for (const folder of [...packages].sort()) {
    const about = path.resolve(here, folder, 'package.json');
    if (!fs.existsSync(about)) continue;
    const { name, version, license } = JSON.parse(fs.readFileSync(about, 'utf8'));
    const file = fs.readdirSync(path.dirname(about)).find(n => /^(licen[cs]e|copying)/i.test(n));
    const words = file ? fs.readFileSync(path.join(path.dirname(about), file), 'utf8').trim() : '(no licence file in the package)';
    text += `=== ${name} ${version} (${typeof license === 'string' ? license : JSON.stringify(license)})\n${words}\n\n`;
  }
  return text;
}

const records = {
  name: 'records',
  setup(build) {
    build.onEnd(result => {
      if (result.errors.length) return;
      const { inputs, outputs } = result.metafile;
      sweep(outdir, new Set(Object.keys(outputs).map(inDist)));
      fs.writeFileSync(path.join(outdir, 'THIRD_PARTY_LICENSES.txt'), licences(inputs));
      fs.writeFileSync(path.join(outdir, 'manifest.json'), JSON.stringify(describe(outputs), null, 1) + '\n');
    });
  },
};

fs.mkdirSync(outdir, { recursive: true });
const options = {
  absWorkingDir: here,
  entryPoints: fs.readdirSync(source).filter(name => /\.(js|css)$/.test(name)).map(name => 'src/' + name),
  outdir, bundle: true, format: 'esm', splitting: true, minify: !watching, metafile: true,
  logLevel: 'warning', legalComments: 'none',
  target: ['chrome80', 'edge88', 'firefox78', 'safari15'],
  entryNames: '[name]-[hash]', chunkNames: 'c/[hash]', assetNames: 'a/[name]-[hash]',
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'empty', '.svg': 'file', '.png': 'file' },
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [records],
};
if (watching) {
  await (await esbuild.context(options)).watch();
  console.log('watching ' + source);
} else {
  await esbuild.build(options);
}
