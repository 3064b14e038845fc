import { useQuery } from '@tanstack/react-query';
import { Copy, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { tokensQuery, useAddToken, useRevokeToken } from '@/shared/api/queries/accounts';
import { TOKEN_SCOPES, tokenFacts } from '@/shared/api/tokens';
import type { ApiToken, NewApiToken } from '@/shared/api/types';
import { MAX_NAME_LENGTH } from '@/shared/domain/rules.gen';
import {
  Button,
  ConfirmDialog,
  ErrorState,
  IconButton,
  Input,
  Notice,
  Select,
  SkeletonRows,
  toast,
} from '@/shared/ui';
import css from './SettingsPage.module.css';

function Fresh({ token }: { token: NewApiToken }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(token.token);
      toast.ok('Copied');
    } catch {
      toast.error('The browser did not allow copying: select the token and copy it by hand.');
    }
  };
  return (
    <Notice tone="warn">
      <strong>Copy this token now.</strong> It is shown only this once.
      <div className={css.secret}>
        <code>{token.token}</code>
        <Button size="sm" icon={<Copy size={14} aria-hidden />} onClick={() => void copy()}>
          Copy
        </Button>
      </div>
    </Notice>
  );
}

export function Tokens() {
  const { data, error, refetch } = useQuery(tokensQuery);
  const add = useAddToken();
  const revoke = useRevokeToken();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<ApiToken['scope']>('maintain');
  const [days, setDays] = useState(365);
  const [fresh, setFresh] = useState<NewApiToken | null>(null);
  const [doomed, setDoomed] = useState<ApiToken | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { name, scope, expires_in_days: days || null },
      {
        onSuccess: (token) => {
          setFresh(token);
          setName('');
        },
        onError: (problem) => toast.error('The token was not created', problem),
      },
    );
  };
  const remove = (token: ApiToken) =>
    revoke.mutate(token.id, {
      onSuccess: () => {
        setDoomed(null);
        if (fresh?.id === token.id) setFresh(null);
      },
      onError: (problem) => toast.error('The token was not revoked', problem),
    });
  return (
    <div className={css.content}>
      <form className={css.addToken} onSubmit={submit}>
        <Input
          aria-label="What the token is for"
          placeholder="What it is for, e.g. nightly export"
          required
          maxLength={MAX_NAME_LENGTH}
          value={name}
          onChange={(e) => setName(e.target.value)}
        />
        <Select
          aria-label="What it may do"
          value={scope}
          onChange={(e) => setScope(e.target.value as ApiToken['scope'])}
        >
          {Object.entries(TOKEN_SCOPES).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Select>
        <Select
          aria-label="When it expires"
          value={days}
          onChange={(e) => setDays(Number(e.target.value))}
        >
          <option value={30}>expires in 30 days</option>
          <option value={90}>expires in 90 days</option>
          <option value={365}>expires in a year</option>
          <option value={0}>never expires</option>
        </Select>
        <Button type="submit" busy={add.isPending} icon={<Plus size={14} aria-hidden />}>
          Create a token
        </Button>
      </form>
      {fresh ? <Fresh token={fresh} /> : null}
      {data ? (
        data.length ? (
          <ul className={css.tokens}>
            {data.map((token) => (
              <li key={token.id}>
                <div>
                  <strong>{token.name}</strong>
                  <span>
                    <code>{token.prefix}…</code> · {tokenFacts(token)}
                  </span>
                </div>
                <IconButton
                  label={`Revoke ${token.name}`}
                  size="sm"
                  onClick={() => setDoomed(token)}
                >
                  <Trash2 size={14} />
                </IconButton>
              </li>
            ))}
          </ul>
        ) : (
          <p className={css.quiet}>You have no tokens.</p>
        )
      ) : error ? (
        <ErrorState
          title="Your tokens could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={(open) => {
          if (!open) setDoomed(null);
        }}
        title={`Revoke “${doomed?.name ?? ''}”?`}
        description="Scripts that use it stop working at once. This cannot be undone."
        confirm="Revoke"
        danger
        busy={revoke.isPending}
        onConfirm={() => {
          if (doomed) remove(doomed);
        }}
      />
    </div>
  );
}
