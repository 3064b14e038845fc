import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { infantSearch } from '@/features/infants/search';
import { shellRoute } from './root';

export const infantsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/infants',
  validateSearch: infantSearch,
  component: lazyRouteComponent(() => import('@/features/infants/InfantsPage')),
});
