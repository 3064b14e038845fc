import { fileURLToPath, URL } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env.INFANTNET_BACKEND ?? 'http://localhost:8000';

// The server renders the page shell itself and reads the manifest, so there is no index.html:
// the entry is the script, and the development server only serves modules to that shell.
export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true,
    cors: { origin: [backend, /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/] },
    origin: 'http://localhost:5173',
  },
  build: {
    outDir: '../backend/web/static/dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    sourcemap: false,
    // three.js, which the 3D views alone load, is one chunk of half a megabyte.
    chunkSizeWarningLimit: 600,
    rollupOptions: { input: 'src/main.tsx' },
  },
  test: {
    css: { modules: { classNameStrategy: 'non-scoped' } },
    restoreMocks: true,
    // A document is made for each file anew, which takes longer than most tests of rules.
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          environment: 'node',
          setupFiles: ['./src/test/address.ts'],
          include: ['src/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'screens',
          environment: 'jsdom',
          setupFiles: ['./src/test/setup.ts'],
          include: ['src/**/*.test.tsx'],
        },
      },
    ],
  },
});
