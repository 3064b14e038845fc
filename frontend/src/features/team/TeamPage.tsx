import { useQuery } from '@tanstack/react-query';
import { KeyRound, MoreHorizontal, Pencil, UserCheck, UserPlus, UserX } from 'lucide-react';
import { useState } from 'react';
import { hasRole, useChangeUser, useMe, usersQuery } from '@/shared/api/queries/accounts';
import type { User } from '@/shared/api/types';
import { ROLES } from '@/shared/domain/rules.gen';
import { ROLE_HELP, ROLE_LABELS } from '@/shared/domain/words';
import { formatDate } from '@/shared/lib/format';
import {
  Badge,
  Button,
  Cell,
  ErrorState,
  HeadCell,
  IconButton,
  Menu,
  MenuItem,
  MenuSeparator,
  Notice,
  PersonName,
  SkeletonRows,
  Table,
  toast,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { PersonDialog, type PersonTask } from './PersonDialog';
import css from './TeamPage.module.css';
import { TeamTokens } from './TeamTokens';

function PersonMenu({ user, onTask }: { user: User; onTask: (task: PersonTask) => void }) {
  const me = useMe();
  const change = useChangeUser();
  const setActive = (is_active: boolean) =>
    change.mutate(
      { id: user.id, change: { is_active } },
      {
        onSuccess: () =>
          is_active
            ? toast.ok(`${user.name} can log in again`)
            : toast.ok(`${user.name} can no longer log in`, {
                action: { label: 'Undo', perform: () => setActive(true) },
              }),
        onError: (error) => toast.error(`${user.name} was not changed`, error),
      },
    );
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={`Change ${user.name}`} size="sm">
          <MoreHorizontal size={16} />
        </IconButton>
      }
    >
      <MenuItem icon={<Pencil size={14} />} onSelect={() => onTask({ kind: 'edit', user })}>
        Name and roles
      </MenuItem>
      <MenuItem icon={<KeyRound size={14} />} onSelect={() => onTask({ kind: 'password', user })}>
        Set a new password
      </MenuItem>
      <MenuSeparator />
      {user.is_active ? (
        <MenuItem
          danger
          icon={<UserX size={14} />}
          disabled={user.id === me.id}
          hint={user.id === me.id ? 'You cannot lock yourself out' : 'Their work stays'}
          onSelect={() => setActive(false)}
        >
          Deactivate
        </MenuItem>
      ) : (
        <MenuItem icon={<UserCheck size={14} />} onSelect={() => setActive(true)}>
          Activate again
        </MenuItem>
      )}
    </Menu>
  );
}

function RolesExplained() {
  return (
    <section className={css.roles} aria-labelledby="roles-title">
      <h2 id="roles-title">What each role may do</h2>
      <dl>
        {ROLES.map((role) => (
          <div key={role}>
            <dt>{ROLE_LABELS[role]}</dt>
            <dd>{ROLE_HELP[role]}</dd>
          </div>
        ))}
      </dl>
      <p>
        One person may hold several roles. Still, nobody inspects a recording that they annotated
        in.
      </p>
    </section>
  );
}

export default function TeamPage() {
  const admin = hasRole(useMe(), 'admin');
  const { data, error, refetch } = useQuery(usersQuery);
  const [task, setTask] = useState<PersonTask | null>(null);
  const add = () => setTask({ kind: 'add' });
  return (
    <Page
      title="Team"
      description="Who works here, and what they may do."
      actions={
        admin ? (
          <Button variant="primary" icon={<UserPlus size={14} aria-hidden />} onClick={add}>
            Add a person
          </Button>
        ) : null
      }
    >
      {admin ? null : (
        <div className={css.notice}>
          <Notice>Only administrators add people and give roles.</Notice>
        </div>
      )}
      {data ? (
        <Table>
          <thead>
            <tr>
              <HeadCell>Name</HeadCell>
              <HeadCell>E-mail</HeadCell>
              <HeadCell>Roles</HeadCell>
              <HeadCell>Since</HeadCell>
              <HeadCell>
                <span className="visually-hidden">Actions</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {data.map((user) => (
              <tr key={user.id} className={user.is_active ? undefined : css.inactive}>
                <td>
                  <div className={css.name}>
                    <PersonName name={user.name} />
                    {user.is_active ? null : <Badge tone="outline">Deactivated</Badge>}
                    {user.is_demo ? <Badge>Demo</Badge> : null}
                  </div>
                </td>
                <Cell quiet>{user.email}</Cell>
                <td>
                  <div className={css.badges}>
                    {user.roles.map((role) => (
                      <Badge key={role} tone="outline" title={ROLE_HELP[role]}>
                        {ROLE_LABELS[role]}
                      </Badge>
                    ))}
                  </div>
                </td>
                <Cell quiet>{formatDate(user.created_at)}</Cell>
                <Cell numeric>{admin ? <PersonMenu user={user} onTask={setTask} /> : null}</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : error ? (
        <ErrorState
          title="The team could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={5} height={40} />
      )}
      {admin ? <TeamTokens /> : null}
      <RolesExplained />
      {task ? <PersonDialog task={task} onClose={() => setTask(null)} /> : null}
    </Page>
  );
}
