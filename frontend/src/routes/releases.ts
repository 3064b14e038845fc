import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { changesSearch } from '@/features/releases/changes/search';
import { evaluationSearch, leaderboardSearch } from '@/features/releases/evaluation/search';
import { frameSearch } from '@/features/releases/frames/search';
import { statisticsSearch } from '@/features/releases/statistics/search';
import { shellRoute } from './root';

export const releasesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/releases',
  component: lazyRouteComponent(() => import('@/features/releases/ReleasesPage')),
});

/** What stands around every page of one release: its title and the ways between them. */
const oneReleaseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/releases/$releaseId',
  component: lazyRouteComponent(() => import('@/features/releases/ReleasePage')),
});

const overviewRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/releases/OverviewPage')),
});

const statisticsRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/statistics',
  validateSearch: statisticsSearch,
  component: lazyRouteComponent(() => import('@/features/releases/statistics/StatisticsPage')),
});

const framesRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/frames',
  validateSearch: frameSearch,
  component: lazyRouteComponent(() => import('@/features/releases/frames/FramesPage')),
});

const changesRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/changes',
  validateSearch: changesSearch,
  component: lazyRouteComponent(() => import('@/features/releases/changes/ChangesPage')),
});

const leaderboardRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/leaderboard',
  validateSearch: leaderboardSearch,
  component: lazyRouteComponent(() => import('@/features/releases/evaluation/LeaderboardPage')),
});

/** One model's predictions. */
const evaluationRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/leaderboard/$evaluationId',
  validateSearch: evaluationSearch,
  component: lazyRouteComponent(() => import('@/features/releases/evaluation/EvaluationPage')),
});

const facesRoute = createRoute({
  getParentRoute: () => oneReleaseRoute,
  path: '/faces',
  component: lazyRouteComponent(() => import('@/features/releases/faces/FacesPage')),
});

export const releaseRoute = oneReleaseRoute.addChildren([
  overviewRoute,
  statisticsRoute,
  framesRoute,
  changesRoute,
  leaderboardRoute,
  evaluationRoute,
  facesRoute,
]);
