import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

const REFRESH_MS = 60_000;

/** Single frames that wait for the person, and whether their training comes first. */
export const waitingQuery = queryOptions({
  queryKey: keys.waiting,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/attempts/waiting', { signal })),
  refetchInterval: REFRESH_MS,
});
