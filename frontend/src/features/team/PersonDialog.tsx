import { type FormEvent, useId, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { useAddUser, useChangeUser } from '@/shared/api/queries/accounts';
import type { User } from '@/shared/api/types';
import { MAX_NAME_LENGTH, ROLES, type Role } from '@/shared/domain/rules.gen';
import { ROLE_HELP, ROLE_LABELS } from '@/shared/domain/words';
import { Button, Checkbox, Dialog, Field, Input, Notice, toast } from '@/shared/ui';
import css from './TeamPage.module.css';

export type PersonTask =
  | { kind: 'add' }
  | { kind: 'edit'; user: User }
  | { kind: 'password'; user: User };

const PASSWORD_MIN = 8;

function RoleChoice({ roles, onChange }: { roles: Role[]; onChange: (roles: Role[]) => void }) {
  return (
    <fieldset className={css.roleChoice}>
      <legend>Roles</legend>
      {ROLES.map((role) => (
        <Checkbox
          key={role}
          checked={roles.includes(role)}
          onChange={(on) => onChange(ROLES.filter((r) => (r === role ? on : roles.includes(r))))}
          label={ROLE_LABELS[role]}
          help={ROLE_HELP[role]}
        />
      ))}
    </fieldset>
  );
}

const TITLES = {
  add: 'Add a person',
  edit: 'Name and roles',
  password: 'Set a new password',
};

/** Adds somebody, changes their name and roles, or gives them a new password. */
export function PersonDialog({ task, onClose }: { task: PersonTask; onClose: () => void }) {
  const user = task.kind === 'add' ? null : task.user;
  const add = useAddUser();
  const change = useChangeUser();
  const form = useId();
  const [name, setName] = useState(user?.name ?? '');
  const [email, setEmail] = useState(user?.email ?? '');
  const [password, setPassword] = useState('');
  const [roles, setRoles] = useState<Role[]>(user?.roles ?? ['annotator']);
  const error = add.error ?? change.error;
  const withNames = task.kind !== 'password';
  const withPassword = task.kind !== 'edit';

  const done = (words: string) => () => {
    toast.ok(words);
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!user) {
      add.mutate({ name, email, password, roles }, { onSuccess: done(`${name} can log in now`) });
    } else if (task.kind === 'edit') {
      change.mutate(
        { id: user.id, change: { name, roles } },
        { onSuccess: done(`${name} was changed`) },
      );
    } else {
      change.mutate(
        { id: user.id, change: { password } },
        { onSuccess: done(`${user.name} has a new password`) },
      );
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={TITLES[task.kind]}
      description={
        task.kind === 'add'
          ? 'No e-mail is sent: tell them the address of this page and their password yourself.'
          : task.kind === 'password'
            ? `For ${task.user.name}. Tell it to them yourself; they can change it under Settings.`
            : undefined
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            variant="primary"
            busy={add.isPending || change.isPending}
            disabled={withNames && roles.length === 0}
          >
            {task.kind === 'add' ? 'Add' : 'Save'}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className={css.form}>
        {withNames ? (
          <Field label="Name">
            {(control) => (
              <Input
                {...control}
                required
                maxLength={MAX_NAME_LENGTH}
                autoFocus
                value={name}
                onChange={(e) => setName(e.target.value)}
              />
            )}
          </Field>
        ) : null}
        {task.kind === 'add' ? (
          <Field label="E-mail" help="They log in with it.">
            {(control) => (
              <Input
                {...control}
                type="email"
                required
                autoComplete="off"
                value={email}
                onChange={(e) => setEmail(e.target.value)}
              />
            )}
          </Field>
        ) : null}
        {withPassword ? (
          <Field label="Password" help={`At least ${PASSWORD_MIN} characters.`}>
            {(control) => (
              <Input
                {...control}
                required
                minLength={PASSWORD_MIN}
                autoComplete="new-password"
                value={password}
                onChange={(e) => setPassword(e.target.value)}
              />
            )}
          </Field>
        ) : null}
        {withNames ? <RoleChoice roles={roles} onChange={setRoles} /> : null}
        {withNames && roles.length === 0 ? (
          <Notice tone="warn">Choose at least one role.</Notice>
        ) : null}
        {error ? <Notice tone="error">{errorMessage(error)}</Notice> : null}
      </form>
    </Dialog>
  );
}
