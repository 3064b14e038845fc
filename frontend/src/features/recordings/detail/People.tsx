import { useQuery } from '@tanstack/react-query';
import { ChevronDown, UserRoundX } from 'lucide-react';
import { hasRole, usersQuery } from '@/shared/api/queries/accounts';
import { useAssign } from '@/shared/api/queries/recordings';
import type { Person, RecordingDetail, User } from '@/shared/api/types';
import type { Role } from '@/shared/domain/rules.gen';
import { ROLE_LABELS } from '@/shared/domain/words';
import { Avatar, Menu, MenuItem, MenuLabel, MenuSeparator, PersonName, toast } from '@/shared/ui';
import css from './People.module.css';

interface AssignMenuProps {
  recording: RecordingDetail;
  role: Extract<Role, 'annotator' | 'inspector'>;
  users: User[];
}

function AssignMenu({ recording, role, users }: AssignMenuProps) {
  const assign = useAssign(recording.id);
  const current = recording[role];
  const other: Person | null = role === 'annotator' ? recording.inspector : recording.annotator;
  const able = users.filter((u) => u.is_active && hasRole(u, role));
  const choose = (id: number | null) =>
    assign.mutate(role === 'annotator' ? { annotator_id: id } : { inspector_id: id }, {
      onError: (error) => toast.error(`The ${role} was not changed`, error),
    });
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className={css.trigger} disabled={assign.isPending}>
          <PersonName name={current?.name} nobody="Assign somebody" />
          <ChevronDown size={14} aria-hidden />
          <span className="visually-hidden">, change {role}</span>
        </button>
      }
    >
      <MenuLabel>{ROLE_LABELS[role]}</MenuLabel>
      {able.map((user) => (
        <MenuItem
          key={user.id}
          icon={<Avatar name={user.name} size={20} />}
          checked={user.id === current?.id}
          disabled={user.id === other?.id}
          hint={
            user.id === other?.id
              ? `Already ${role === 'annotator' ? 'inspects' : 'annotates'} it`
              : undefined
          }
          onSelect={() => choose(user.id)}
        >
          {user.name}
        </MenuItem>
      ))}
      {able.length ? null : (
        <MenuItem disabled onSelect={() => undefined}>
          Nobody has this role yet
        </MenuItem>
      )}
      {current ? (
        <>
          <MenuSeparator />
          <MenuItem icon={<UserRoundX size={14} />} onSelect={() => choose(null)}>
            Remove
          </MenuItem>
        </>
      ) : null}
    </Menu>
  );
}

/** Who annotates and who inspects; maintainers choose. */
export function People({ recording }: { recording: RecordingDetail }) {
  const mayAssign = recording.can.manage && recording.stage !== 'approved';
  const { data: users = [] } = useQuery({ ...usersQuery, enabled: mayAssign });
  return (
    <dl className={css.people}>
      {(['annotator', 'inspector'] as const).map((role) => (
        <div key={role}>
          <dt>{ROLE_LABELS[role]}</dt>
          <dd>
            {mayAssign ? (
              <AssignMenu recording={recording} role={role} users={users} />
            ) : (
              <PersonName name={recording[role]?.name} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
