import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Role } from '@/shared/domain/rules.gen';
import { answer, http, speakFor } from '../client';
import { keys } from '../keys';
import { mayBeLoggedIn, noteLogin, tellLogin } from '../loginHint';
import { forgetKept, keepMe } from '../offline';
import { isStatus } from '../problem';
import type { ApiTokenWish, Me } from '../types';

/** The person who is logged in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async ({ signal }): Promise<Me | null> => {
    if (!mayBeLoggedIn()) return null;
    try {
      const me = await answer(http.GET('/api/v1/auth/me', { signal }));
      speakFor(me.id);
      return me;
    } catch (error) {
      if (!isStatus(error, 401)) throw error;
      noteLogin(false);
      speakFor(null);
      return null;
    }
  },
  staleTime: 5 * 60_000,
});

export const usersQuery = queryOptions({
  queryKey: keys.users,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/users', { signal })),
  staleTime: 60_000,
});

export const demoLoginsQuery = queryOptions({
  queryKey: keys.demoLogins,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/auth/demo-logins', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/tokens', { signal })),
});

/** Everybody's tokens; for administrators. */
export const allTokensQuery = queryOptions({
  queryKey: [...keys.tokens, 'all'],
  queryFn: ({ signal }) => answer(http.GET('/api/v1/tokens/all', { signal })),
});

/** The logged-in person, on pages that only show to one. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('This page needs a logged-in person.');
  return data;
}

export function hasRole(person: { roles: Role[] }, ...roles: Role[]): boolean {
  return person.roles.some((r) => roles.includes(r));
}

/** An administrator may do all that a maintainer may. */
export function isMaintainer(person: { roles: Role[] }): boolean {
  return hasRole(person, 'maintainer', 'admin');
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      answer(http.POST('/api/v1/auth/login', { body })),
    onSuccess: (me) => {
      noteLogin(true);
      speakFor(me.id);
      tellLogin();
      keepMe(me).catch(() => undefined);
      client.clear();
      client.setQueryData(keys.me, me);
    },
  });
}

export function useLogout() {
  return useMutation({
    mutationFn: () => answer(http.POST('/api/v1/auth/logout')),
    // A full page load leaves nothing of the last person in memory.
    onSuccess: async () => {
      noteLogin(false);
      await forgetKept().catch(() => undefined);
      window.location.assign('/login');
    },
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { current: string; new: string }) =>
      answer(http.POST('/api/v1/auth/password', { body })),
  });
}

export interface UserDraft {
  email: string;
  name: string;
  password: string;
  roles: Role[];
}

export function useAddUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: UserDraft) => answer(http.POST('/api/v1/users', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.users }),
  });
}

export interface UserChange {
  name?: string;
  roles?: Role[];
  is_active?: boolean;
  password?: string;
}

export function useChangeUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: number; change: UserChange }) =>
      answer(
        http.PATCH('/api/v1/users/{user_id}', { params: { path: { user_id: id } }, body: change }),
      ),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.users }),
        client.invalidateQueries({ queryKey: keys.me }),
      ]),
  });
}

export function useAddToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ApiTokenWish) => answer(http.POST('/api/v1/tokens', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      answer(http.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}
