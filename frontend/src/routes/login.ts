import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { loginSearch } from '@/features/login/search';
import { rootRoute } from './root';

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: loginSearch,
  component: lazyRouteComponent(() => import('@/features/login/LoginPage')),
});
