import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { AppLayout } from '@/features/shell/AppLayout';
import { ShellLayout } from '@/features/shell/ShellLayout';
import { meQuery } from '@/shared/api/queries/accounts';
import { queryClient } from '@/shared/api/queryClient';
import { NotFoundPage, PageError, PagePending } from '@/shared/ui/fallbacks';
import { jobSearch, loginSearch, recordingSearch, recordingsSearch } from './search';

const rootRoute = createRootRouteWithContext<{ queryClient: typeof queryClient }>()({
  notFoundComponent: NotFoundPage,
});

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: loginSearch,
  component: lazyRouteComponent(() => import('@/features/login/LoginPage')),
});

/** Everything that needs a logged-in person. */
const appRoute = createRoute({
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

/** Full-screen, without the navigation at the side. `frame` counts from 1, as on the screen. */
export const editorRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/recordings/$recordingId/frames/$frame',
  component: lazyRouteComponent(() => import('@/features/editor/page/EditorRoute')),
});

/** Full-screen as the editor: bodies over all views, from all sides, and their verdicts. */
export const fitsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/recordings/$recordingId/fits',
  component: lazyRouteComponent(() => import('@/features/fits/FitsPage')),
});

const shellRoute = createRoute({
  getParentRoute: () => appRoute,
  id: 'shell',
  component: ShellLayout,
});

const workRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/work/WorkPage')),
});

export const recordingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings',
  validateSearch: recordingsSearch,
  component: lazyRouteComponent(() => import('@/features/recordings/list/RecordingsPage')),
});

const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/import',
  component: lazyRouteComponent(() => import('@/features/import/ImportPage')),
});

export const recordingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/$recordingId',
  validateSearch: recordingSearch,
  component: lazyRouteComponent(() => import('@/features/recordings/detail/RecordingPage')),
});

export const camerasRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/$recordingId/cameras',
  component: lazyRouteComponent(() => import('@/features/cameras/CamerasPage')),
});

export const syncRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/$recordingId/sync',
  component: lazyRouteComponent(() => import('@/features/sync/SyncPage')),
});

export const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs',
  validateSearch: jobSearch,
  component: lazyRouteComponent(() => import('@/features/jobs/JobsPage')),
});

const exportsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/exports',
  component: lazyRouteComponent(() => import('@/features/exports/ExportsPage')),
});

const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  component: lazyRouteComponent(() => import('@/features/models/ModelsPage')),
});

const teamRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team',
  component: lazyRouteComponent(() => import('@/features/team/TeamPage')),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/SettingsPage')),
});

const routeTree = rootRoute.addChildren([
  loginRoute,
  appRoute.addChildren([
    editorRoute,
    fitsRoute,
    shellRoute.addChildren([
      workRoute,
      recordingsRoute,
      importRoute,
      recordingRoute,
      camerasRoute,
      syncRoute,
      jobsRoute,
      exportsRoute,
      modelsRoute,
      teamRoute,
      settingsRoute,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  defaultPendingComponent: PagePending,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
