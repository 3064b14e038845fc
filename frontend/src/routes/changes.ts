import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { changesSearch } from '@/features/changes/search';
import { shellRoute } from './root';

export const changesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/changes',
  validateSearch: changesSearch,
  component: lazyRouteComponent(() => import('@/features/changes/ChangesPage')),
});
