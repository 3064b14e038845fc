import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { inspectSearch } from '@/features/editor/inspect/search';
import { editorSearch } from '@/features/editor/page/search';
import { recordingSearch } from '@/features/recordings/detail/search';
import { appRoute, shellRoute } from './root';

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

/** Where inspectors compare, judge, vouch, return and approve. */
export const inspectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/$recordingId/inspect',
  validateSearch: inspectSearch,
  component: lazyRouteComponent(() => import('@/features/editor/inspect/InspectPage')),
});

/** Full-screen, without the navigation at the side. `frame` counts from 1, as on the screen. */
export const editorRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/recordings/$recordingId/frames/$frame',
  validateSearch: editorSearch,
  component: lazyRouteComponent(() => import('@/features/editor/page/EditorRoute')),
});

/** Full-screen as the editor: bodies over all views, from all sides, and their verdicts. */
export const fitsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/recordings/$recordingId/fits',
  component: lazyRouteComponent(() => import('@/features/fits/FitsPage')),
});
