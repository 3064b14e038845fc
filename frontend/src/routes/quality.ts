import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { qualitySearch } from '@/features/quality/search';
import { shellRoute } from './root';

export const qualityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quality',
  validateSearch: qualitySearch,
  component: lazyRouteComponent(() => import('@/features/quality/QualityPage')),
});

/** Two people's answers to one frame. */
export const pairRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quality/pairs/$pair',
  component: lazyRouteComponent(() => import('@/features/quality/PairPage')),
});
