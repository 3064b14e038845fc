import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { analyticsSearch } from '@/features/analytics/search';
import { shellRoute } from './root';

export const analyticsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/analytics',
  validateSearch: analyticsSearch,
  component: lazyRouteComponent(() => import('@/features/analytics/AnalyticsPage')),
});
