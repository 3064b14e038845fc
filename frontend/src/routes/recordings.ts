import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { recordingsSearch } from '@/features/recordings/list/search';
import { shellRoute } from './root';

export const recordingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings',
  validateSearch: recordingsSearch,
  component: lazyRouteComponent(() => import('@/features/recordings/list/RecordingsPage')),
});

export const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/import',
  component: lazyRouteComponent(() => import('@/features/import/ImportPage')),
});
