/** What all pages stand in: the root, the log-in that they need, the navigation at their side. */
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import { AppLayout } from '@/features/shell/AppLayout';
import { ShellLayout } from '@/features/shell/ShellLayout';
import { meQuery } from '@/shared/api/queries/accounts';
import { NotFoundPage } from '@/shared/ui/fallbacks';

export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: NotFoundPage,
});

/** Everything that needs a logged-in person. */
export const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  component: AppLayout,
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (!me) {
      const next = location.href === '/' ? undefined : location.href;
      throw redirect({ to: '/login', search: { next } });
    }
  },
});

export const shellRoute = createRoute({
  getParentRoute: () => appRoute,
  id: 'shell',
  component: ShellLayout,
});

/** An address of no page: the navigation stays, so that people find their way. */
export const nowhereRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: NotFoundPage,
});
