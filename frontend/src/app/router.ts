import { createRouter } from '@tanstack/react-router';
import { analyticsRoute } from '@/routes/analytics';
import { changesRoute } from '@/routes/changes';
import { exportsRoute } from '@/routes/exports';
import { infantsRoute } from '@/routes/infants';
import { jobsRoute } from '@/routes/jobs';
import { loginRoute } from '@/routes/login';
import { modelsRoute, runRoute } from '@/routes/models';
import { pairRoute, qualityRoute } from '@/routes/quality';
import {
  camerasRoute,
  editorRoute,
  fitsRoute,
  inspectRoute,
  recordingRoute,
  syncRoute,
} from '@/routes/recording';
import { importRoute, recordingsRoute } from '@/routes/recordings';
import { releaseRoute, releasesRoute } from '@/routes/releases';
import { appRoute, nowhereRoute, rootRoute, shellRoute } from '@/routes/root';
import { settingsRoute } from '@/routes/settings';
import { singlesRoute, trainingRoute } from '@/routes/singles';
import { teamRoute } from '@/routes/team';
import { workRoute } from '@/routes/work';
import { queryClient } from '@/shared/api/queryClient';
import { NotFoundPage, PageError, PagePending } from '@/shared/ui/fallbacks';

const routeTree = rootRoute.addChildren([
  loginRoute,
  appRoute.addChildren([
    editorRoute,
    fitsRoute,
    singlesRoute,
    trainingRoute,
    shellRoute.addChildren([
      workRoute,
      recordingsRoute,
      importRoute,
      recordingRoute,
      inspectRoute,
      camerasRoute,
      syncRoute,
      infantsRoute,
      jobsRoute,
      exportsRoute,
      releasesRoute,
      releaseRoute,
      analyticsRoute,
      changesRoute,
      qualityRoute,
      pairRoute,
      modelsRoute,
      runRoute,
      teamRoute,
      settingsRoute,
      nowhereRoute,
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
