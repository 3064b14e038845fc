import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '@/api/problem';

/** Refusals are answers: only a server that cannot be reached or that broke is asked again. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (error instanceof ApiProblem && error.status < 500) return false;
  return failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: shouldRetry, staleTime: 15_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
