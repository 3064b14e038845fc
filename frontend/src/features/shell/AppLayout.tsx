import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { watchEvents } from '@/shared/api/events';
import { meQuery } from '@/shared/api/queries/accounts';
import { CommandPalette } from './CommandPalette';

/** Around every page of a logged-in person: live news, and Ctrl+K. */
export function AppLayout() {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const known = Boolean(me);
  useEffect(() => (known ? watchEvents(client) : undefined), [client, known]);
  if (!me) return <ToLogin />;
  return (
    <>
      <Outlet />
      <CommandPalette />
    </>
  );
}

/** Leads to the log-in page, which leads back to where the log-in ended. */
function ToLogin() {
  const here = useLocation({ select: (location) => location.href });
  // Read once: on its way the location is the log-in page's already, and would name itself.
  const [next] = useState(here);
  return <Navigate to="/login" search={{ next }} replace />;
}
