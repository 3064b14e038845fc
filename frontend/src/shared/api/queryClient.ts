import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { keys } from './keys';
import { ApiProblem, isStatus } from './problem';

/** Refusals are answers: only a server that cannot be reached or that broke is asked again. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (error instanceof ApiProblem && error.status < 500) return false;
  return failures < 2;
}

/** The session ended: the layout sees that nobody is logged in and shows the log-in page. */
function noticeEndedSession(error: unknown): void {
  if (isStatus(error, 401) && queryClient.getQueryData(keys.me)) {
    queryClient.setQueryData(keys.me, null);
  }
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEndedSession }),
  mutationCache: new MutationCache({ onError: noticeEndedSession }),
  defaultOptions: {
    queries: { retry: shouldRetry, staleTime: 15_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
