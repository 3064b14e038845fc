import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute } from './root';

/** Full-screen as the editor: frames that a person annotates alone. */
export const singlesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/single-frames',
  component: lazyRouteComponent(() => import('@/features/editor/singles/SinglesRoute')),
});

/** The same with the known answer after each. */
export const trainingRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/training',
  component: lazyRouteComponent(() => import('@/features/editor/singles/TrainingRoute')),
});
