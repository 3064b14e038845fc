import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './root';

export const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  component: lazyRouteComponent(() => import('@/features/models/ModelsPage')),
});

/** One run of training. */
export const runRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models/runs/$runId',
  component: lazyRouteComponent(() => import('@/features/models/RunPage')),
});
