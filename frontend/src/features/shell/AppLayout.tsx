import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { watchEvents } from '@/shared/api/events';
import { meQuery } from '@/shared/api/queries/accounts';
import { CommandPalette } from './CommandPalette';

/** Around every page of a logged-in person: live news, and Ctrl+K. */
export function AppLayout() {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const next = useLocation({ select: (location) => location.href });
  const known = Boolean(me);
  useEffect(() => (known ? watchEvents(client) : undefined), [client, known]);
  if (!me) return <Navigate to="/login" search={{ next }} replace />;
  return (
    <>
      <Outlet />
      <CommandPalette />
    </>
  );
}
