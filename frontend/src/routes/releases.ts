import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './root';

export const releasesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/releases',
  component: lazyRouteComponent(() => import('@/features/releases/ReleasesPage')),
});

export const releaseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/releases/$releaseId',
  component: lazyRouteComponent(() => import('@/features/releases/ReleasePage')),
});

export const facesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/releases/$releaseId/faces',
  component: lazyRouteComponent(() => import('@/features/releases/faces/FacesPage')),
});
