import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { jobSearch } from '@/features/jobs/search';
import { shellRoute } from './root';

export const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs',
  validateSearch: jobSearch,
  component: lazyRouteComponent(() => import('@/features/jobs/JobsPage')),
});
