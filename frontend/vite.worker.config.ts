import { fileURLToPath, URL } from 'node:url';
import { defineConfig } from 'vite';

// One script without imports, beside the pages' files: browsers load a service worker as a whole.
export default defineConfig({
  publicDir: false,
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // Workbox asks Node's way whether it is built for production.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  build: {
    outDir: '../backend/web/static/dist',
    emptyOutDir: false,
    sourcemap: false,
    lib: {
      entry: 'src/serviceWorker/sw.ts',
      formats: ['iife'],
      name: 'serviceWorker',
      fileName: () => 'service-worker.js',
    },
  },
});
