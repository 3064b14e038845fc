import './shared/ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { watchLeftovers } from './app/leftovers';
import { watchForNewBuild } from './app/newBuild';
import { startOffline } from './shared/api/offline';
import { watchTheme } from './shared/ui/theme';

watchTheme();
watchForNewBuild();
watchLeftovers();
if (import.meta.env.PROD) startOffline();

const root = document.getElementById('root');
if (!root) throw new Error('The page shell has no #root element.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
