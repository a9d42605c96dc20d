/** Bundles: main (Electron and headless entries, the command, the node with and without a supervisor), preload, renderer. */

import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/** A start builds elsewhere and moves the result in (src-main/launch/build.ts): a cluster may be running from `out/`. */
const out = process.env.NACOS_TRIO_OUT ?? resolve('out')

/** Rolldown warns of the time that a plugin takes where a build is slow: on a busy machine at every start, and of nothing that can be put right here. */
const checks = { bundlerTimings: false }

export default defineConfig({
  main: {
    build: {
      outDir: resolve(out, 'main'),
      // Bundled, the console loads in half the time (60 ms instead of 130), on the cores that elect the first leader.
      externalizeDeps: { exclude: ['zod', '@orpc/client', '@orpc/contract', '@orpc/server'] },
      rollupOptions: {
        checks,
        input: {
          index: resolve('src-main/index.ts'),
          headless: resolve('src-main/headless.ts'),
          cli: resolve('src-main/cli.ts'),
          node: resolve('src-node/main.ts'),
          alone: resolve('src-node/alone.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(out, 'preload'),
      rollupOptions: { input: { index: resolve('src-main/preload/index.ts') }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react()],
    // electron-vite leaves it off; the first script is 1.84 MB without.
    build: {
      outDir: resolve(out, 'renderer'),
      emptyOutDir: true,
      minify: true,
      rollupOptions: {
        checks,
        input: resolve('src-renderer/index.html'),
        // Parsed while the rest is still being read; in one file with it, it is over what a file should have.
        output: { codeSplitting: { groups: [{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ }] } },
      },
    },
  },
})
