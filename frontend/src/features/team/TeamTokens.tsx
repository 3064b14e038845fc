import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { allTokensQuery, useRevokeToken } from '@/shared/api/queries/accounts';
import { tokenFacts } from '@/shared/api/tokens';
import { Cell, ConfirmDialog, HeadCell, IconButton, Table, toast } from '@/shared/ui';
import css from './TeamPage.module.css';

/** Everybody's API tokens, for administrators: who has which, and a way to end one. */
export function TeamTokens() {
  const { data } = useQuery(allTokensQuery);
  const revoke = useRevokeToken();
  const [doomed, setDoomed] = useState<number | null>(null);
  const token = data?.find((row) => row.id === doomed);
  if (!data?.length) return null;
  return (
    <section className={css.tokens} aria-labelledby="tokens-title">
      <h2 id="tokens-title">API tokens</h2>
      <Table>
        <thead>
          <tr>
            <HeadCell>For</HeadCell>
            <HeadCell>Owner</HeadCell>
            <HeadCell>Scope, expiry, last used</HeadCell>
            <HeadCell>
              <span className="visually-hidden">Actions</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {data.map((row) => (
            <tr key={row.id}>
              <td>{row.name}</td>
              <Cell quiet>{row.owner_name}</Cell>
              <Cell quiet>{tokenFacts(row)}</Cell>
              <Cell numeric>
                <IconButton
                  label={`Revoke ${row.name} of ${row.owner_name}`}
                  size="sm"
                  onClick={() => setDoomed(row.id)}
                >
                  <Trash2 size={14} />
                </IconButton>
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
      <ConfirmDialog
        open={token !== undefined}
        onOpenChange={(open) => {
          if (!open) setDoomed(null);
        }}
        title={`Revoke “${token?.name ?? ''}” of ${token?.owner_name ?? ''}?`}
        description="Scripts that use it stop working at once. This cannot be undone."
        confirm="Revoke"
        danger
        busy={revoke.isPending}
        onConfirm={() => {
          if (doomed === null) return;
          revoke.mutate(doomed, {
            onSuccess: () => setDoomed(null),
            onError: (problem) => toast.error('The token was not revoked', problem),
          });
        }}
      />
    </section>
  );
}
