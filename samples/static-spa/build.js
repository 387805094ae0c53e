import { cp, readFile } from 'node:fs/promises';
import esbuild from 'esbuild';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));

const context = await esbuild.context({
  entryPoints: ['src/main.js', 'src/style.css'],
  outdir: 'dist/assets',
  bundle: true,
  format: 'esm',
  minify: true,
  define: { APP_VERSION: JSON.stringify(version) },
});

await context.rebuild();
await cp('public', 'dist', { recursive: true });

if (process.argv.includes('--serve')) {
  const { port } = await context.serve({ servedir: 'dist' });
  console.log(`http://localhost:${port}/`);
} else {
  await context.dispose();
}
