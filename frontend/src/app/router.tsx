import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';

const rootRoute = createRootRoute();

/** Full-screen, without the navigation at the side. */
export const editorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/recordings/$recordingId/frames/$position',
  component: lazyRouteComponent(() => import('@/routes/editor/EditorRoute')),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([editorRoute]),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
