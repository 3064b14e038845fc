import { type FormEvent, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { useChangePassword } from '@/shared/api/queries/accounts';
import { Button, Field, Input, Notice, toast } from '@/shared/ui';
import css from './SettingsPage.module.css';

const MIN = 8;

export function PasswordForm({ isDemo }: { isDemo: boolean }) {
  const change = useChangePassword();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const differ = again !== '' && next !== again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (next !== again) return;
    change.mutate(
      { current, new: next },
      {
        onSuccess: () => {
          setCurrent('');
          setNext('');
          setAgain('');
          toast.ok('Your password was changed');
        },
      },
    );
  };
  return (
    <form className={css.content} onSubmit={submit}>
      {isDemo ? (
        <Notice>This is a demo log-in: others use it too, and expect its password to stay.</Notice>
      ) : null}
      <Field label="Current password">
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(e) => setCurrent(e.target.value)}
          />
        )}
      </Field>
      <Field label="New password" help={`At least ${MIN} characters.`}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="new-password"
            required
            minLength={MIN}
            value={next}
            onChange={(e) => setNext(e.target.value)}
          />
        )}
      </Field>
      <Field label="New password again" error={differ ? 'The two are not the same.' : null}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="new-password"
            required
            value={again}
            onChange={(e) => setAgain(e.target.value)}
          />
        )}
      </Field>
      {change.error ? <Notice tone="error">{errorMessage(change.error)}</Notice> : null}
      <div>
        <Button type="submit" busy={change.isPending} disabled={differ}>
          Change password
        </Button>
      </div>
    </form>
  );
}
