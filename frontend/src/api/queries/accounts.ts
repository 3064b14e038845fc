import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Role } from '@/domain.gen';
import { api, isStatus } from '../client';
import { keys } from '../keys';
import type { ApiToken, DemoLogin, Me, NewApiToken, User } from '../types';

/** The person who is logged in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await api.get<Me>('/auth/me', { signal });
    } catch (error) {
      if (isStatus(error, 401)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

export const usersQuery = queryOptions({
  queryKey: keys.users,
  queryFn: ({ signal }) => api.get<User[]>('/users', { signal }),
  staleTime: 60_000,
});

export const demoLoginsQuery = queryOptions({
  queryKey: keys.demoLogins,
  queryFn: ({ signal }) => api.get<DemoLogin[]>('/auth/demo-logins', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: ({ signal }) => api.get<ApiToken[]>('/tokens', { signal }),
});

/** The logged-in person, on pages that only show to one. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('This page needs a logged-in person.');
  return data;
}

/** Whether somebody holds one of these roles; an administrator may do what a maintainer may. */
export function hasRole(person: { roles: Role[] }, ...roles: Role[]): boolean {
  return person.roles.some((r) => roles.includes(r));
}

export function isMaintainer(person: { roles: Role[] }): boolean {
  return hasRole(person, 'maintainer', 'admin');
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: { email: string; password: string }) =>
      api.post<Me>('/auth/login', credentials),
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(keys.me, me);
    },
  });
}

export function useLogout() {
  return useMutation({
    mutationFn: () => api.post<void>('/auth/logout'),
    // A full page load leaves nothing of the last person in memory.
    onSuccess: () => window.location.assign('/login'),
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { current: string; new: string }) => api.post<void>('/auth/password', body),
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
    mutationFn: (draft: UserDraft) => api.post<User>('/users', draft),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.users }),
  });
}

export type UserChange = Partial<Pick<User, 'name' | 'roles' | 'is_active'>> & {
  password?: string;
};

export function useChangeUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: number; change: UserChange }) =>
      api.patch<User>(`/users/${id}`, change),
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
    mutationFn: (name: string) => api.post<NewApiToken>('/tokens', { name }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => api.delete(`/tokens/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}
