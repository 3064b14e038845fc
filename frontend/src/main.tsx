import './shared/ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { watchForNewBuild } from './app/newBuild';
import { watchTheme } from './shared/ui/theme';

watchTheme();
watchForNewBuild();

const root = document.getElementById('root');
if (!root) throw new Error('The page shell has no #root element.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
