import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { hasRole, usersQuery } from '@/shared/api/queries/accounts';
import { useAssignMany } from '@/shared/api/queries/team';
import { count } from '@/shared/lib/format';
import { Button, Notice, Select, toast } from '@/shared/ui';
import { KEEP, NOBODY, orderFor, ROTATION } from './assigning';
import css from './Lab.module.css';

/** Gives all chosen recordings to somebody at once; says which could not be given, and why. */
export function AssignBar({
  selected,
  onDone,
}: {
  selected: readonly number[];
  onDone: () => void;
}) {
  const { data: users = [] } = useQuery(usersQuery);
  const assign = useAssignMany();
  const id = useId();
  const [annotator, setAnnotator] = useState<string>(KEEP);
  const [inspector, setInspector] = useState<string>(KEEP);
  const refused = assign.data?.refused ?? [];
  const able = (role: 'annotator' | 'inspector') =>
    users.filter((user) => user.is_active && hasRole(user, role));
  const go = () =>
    assign.mutate(orderFor(selected, annotator, inspector), {
      onSuccess: ({ assigned }) => {
        const what = annotator === NOBODY ? 'taken back' : 'assigned';
        if (assigned.length) toast.ok(`${count(assigned.length, 'recording')} ${what}`);
        onDone();
      },
      onError: (error) => toast.error('Nothing was assigned', error),
    });
  return (
    <>
      {refused.length ? (
        <Notice tone="warn">
          <ul>
            {refused.map((one) => (
              <li key={one.recording.id}>
                <strong>{one.recording.name}</strong> stayed as it was: {one.reason}
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
      {selected.length ? (
        <section className={css.bar} aria-label="Assign the chosen recordings">
          <strong>{count(selected.length, 'recording')}</strong>
          <div className={css.pick}>
            <label htmlFor={`${id}-annotator`}>Annotator</label>
            <Select
              id={`${id}-annotator`}
              value={annotator}
              onChange={(e) => setAnnotator(e.target.value)}
            >
              <option value={KEEP}>as it is</option>
              <option value={ROTATION}>in rotation, who has least first</option>
              <option value={NOBODY}>nobody, free to take</option>
              {able('annotator').map((user) => (
                <option key={user.id} value={user.id}>
                  {user.name}
                </option>
              ))}
            </Select>
          </div>
          <div className={css.pick}>
            <label htmlFor={`${id}-inspector`}>Inspector</label>
            <Select
              id={`${id}-inspector`}
              value={inspector}
              onChange={(e) => setInspector(e.target.value)}
            >
              <option value={KEEP}>as it is</option>
              <option value={NOBODY}>nobody</option>
              {able('inspector').map((user) => (
                <option key={user.id} value={user.id}>
                  {user.name}
                </option>
              ))}
            </Select>
          </div>
          <Button
            variant="primary"
            busy={assign.isPending}
            disabled={annotator === KEEP && inspector === KEEP}
            onClick={go}
          >
            Assign
          </Button>
          <Button onClick={onDone}>Choose none</Button>
        </section>
      ) : null}
    </>
  );
}
