import { keys } from '@/shared/api/keys';
import { onLogin } from '@/shared/api/loginHint';
import { queryClient } from '@/shared/api/queryClient';
import type { Me } from '@/shared/api/types';

/**
 * Whoever logs in finds what an earlier visit left on this computer being sent, on whatever page:
 * nobody has to open the editor for it.
 */
export function watchLeftovers(): void {
  let person: number | null = null;
  const look = (): void => {
    const id = queryClient.getQueryData<Me | null>(keys.me)?.id ?? null;
    if (id === person) return;
    person = id;
    if (id !== null) void import('@/features/editor/sync/leftovers').then((m) => m.send(id));
  };
  queryClient.getQueryCache().subscribe(look);
  // Another tab's log-in is this one's, too.
  onLogin(() => void queryClient.invalidateQueries({ queryKey: keys.me }));
}
