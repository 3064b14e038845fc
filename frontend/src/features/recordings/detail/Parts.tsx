import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronDown, Scissors } from 'lucide-react';
import { useState } from 'react';
import { hasRole, useMe, usersQuery } from '@/shared/api/queries/accounts';
import {
  partsQuery,
  useCut,
  useJoinParts,
  useReassignPart,
  useSubmitPart,
} from '@/shared/api/queries/team';
import type { RecordingDetail, RecordingPart, User } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { count, formatNumber, formatSince } from '@/shared/lib/format';
import {
  Avatar,
  Badge,
  Button,
  buttonClass,
  Checkbox,
  ConfirmDialog,
  Dialog,
  Menu,
  MenuItem,
  MenuLabel,
  Notice,
  PersonName,
  toast,
} from '@/shared/ui';
import css from './Parts.module.css';

const CUTTABLE = ['ingested', 'prelabelled', 'annotating', 'returned'];
const EDITABLE = ['annotating', 'returned', 'boxes_returned'];

/** Parts of a long recording: whose each is, how far it is; cutting, joining, giving to others. */
export function Parts({ recording }: { recording: RecordingDetail }) {
  const { data: parts } = useQuery({
    ...partsQuery(recording.id),
    enabled: recording.in_parts,
  });
  const manages = recording.can.manage;
  const cuttable = manages && CUTTABLE.includes(recording.stage);
  const [cutting, setCutting] = useState(false);
  if (!recording.in_parts && !cuttable) return null;
  return (
    <section className={css.parts} aria-labelledby="parts-title">
      <header>
        <h2 id="parts-title">Parts</h2>
        {cuttable ? (
          <Button
            size="sm"
            icon={<Scissors size={14} aria-hidden />}
            onClick={() => setCutting(true)}
          >
            {recording.in_parts ? 'Cut anew' : 'Cut into parts'}
          </Button>
        ) : null}
      </header>
      {recording.in_parts ? (
        <>
          <ol>
            {(parts ?? []).map((part) => (
              <PartRow key={part.id} part={part} recording={recording} />
            ))}
          </ol>
          {manages ? <Join recording={recording} /> : null}
        </>
      ) : (
        <p className={css.quiet}>One piece. A long recording can be shared between people.</p>
      )}
      {cutting ? <CutDialog recording={recording} onClose={() => setCutting(false)} /> : null}
    </section>
  );
}

function PartRow({ part, recording }: { part: RecordingPart; recording: RecordingDetail }) {
  const me = useMe();
  const submit = useSubmitPart();
  const mine = part.person.id === me.id;
  const editable = EDITABLE.includes(recording.stage);
  return (
    <li>
      <div className={css.line}>
        <strong>
          {part.index + 1}. moments {formatNumber(part.first + 1)}–{formatNumber(part.last + 1)}
        </strong>
        {part.submitted_at ? (
          <Badge tone="ok">in since {formatSince(part.submitted_at)}</Badge>
        ) : (
          <span className={css.quiet}>
            {part.undecided
              ? `${formatNumber(part.undecided)} of ${formatNumber(part.frames)} to decide`
              : 'ready to submit'}
          </span>
        )}
      </div>
      <div className={css.line}>
        {recording.can.manage && recording.stage !== 'approved' ? (
          <Reassign part={part} />
        ) : (
          <PersonName name={part.person.name} />
        )}
        {mine && !part.submitted_at && editable ? (
          <span className={css.acts}>
            <Link
              to="/recordings/$recordingId/frames/$frame"
              params={{
                recordingId: String(recording.id),
                frame: frameParam(part.start_position),
              }}
              className={buttonClass({ size: 'sm' })}
            >
              Work on it
            </Link>
            <Button
              size="sm"
              variant="primary"
              busy={submit.isPending}
              disabled={part.undecided > 0}
              onClick={() =>
                submit.mutate(part.id, {
                  onSuccess: () => toast.ok(`Part ${part.index + 1} is submitted`),
                  onError: (error) => toast.error('The part was not submitted', error),
                })
              }
            >
              Submit
            </Button>
          </span>
        ) : null}
      </div>
    </li>
  );
}

function annotators(users: readonly User[]): User[] {
  return users.filter((user) => user.is_active && hasRole(user, 'annotator'));
}

function Reassign({ part }: { part: RecordingPart }) {
  const { data: users = [] } = useQuery(usersQuery);
  const reassign = useReassignPart();
  return (
    <Menu
      trigger={
        <button type="button" className={css.trigger} disabled={reassign.isPending}>
          <PersonName name={part.person.name} />
          <ChevronDown size={14} aria-hidden />
          <span className="visually-hidden">, give part {part.index + 1} to somebody else</span>
        </button>
      }
    >
      <MenuLabel>Part {part.index + 1}: what was saved stays</MenuLabel>
      {annotators(users).map((user) => (
        <MenuItem
          key={user.id}
          icon={<Avatar name={user.name} size={20} />}
          checked={user.id === part.person.id}
          onSelect={() =>
            reassign.mutate(
              { partId: part.id, userId: user.id },
              { onError: (error) => toast.error('The part stays where it is', error) },
            )
          }
        >
          {user.name}
        </MenuItem>
      ))}
    </Menu>
  );
}

function Join({ recording }: { recording: RecordingDetail }) {
  const join = useJoinParts(recording.id);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setAsking(true)}>
        Make it one piece
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Make it one piece again?"
        description={`All of it is ${recording.annotator?.name ?? 'its annotator'}’s then. What everybody saved stays.`}
        confirm="Make it one piece"
        busy={join.isPending}
        onConfirm={() =>
          join.mutate(undefined, {
            onSuccess: () => setAsking(false),
            onError: (error) => toast.error('It is still in parts', error),
          })
        }
      />
    </>
  );
}

function CutDialog({ recording, onClose }: { recording: RecordingDetail; onClose: () => void }) {
  const { data: users = [] } = useQuery(usersQuery);
  const cut = useCut(recording.id);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const able = annotators(users);
  const save = () =>
    cut.mutate([...chosen], {
      onSuccess: onClose,
      onError: (error) => toast.error('The recording was not cut', error),
    });
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Cut into parts"
      description="Each person gets an equal range of moments, with all its cameras, in the order in which you choose them. It goes to inspection when all parts are in."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={cut.isPending}
            disabled={chosen.length < 2}
            onClick={save}
          >
            {chosen.length < 2 ? 'Cut' : `Cut into ${count(chosen.length, 'part')}`}
          </Button>
        </>
      }
    >
      <div className={css.form}>
        {able.map((user) => {
          const place = chosen.indexOf(user.id);
          return (
            <Checkbox
              key={user.id}
              checked={place >= 0}
              disabled={user.id === recording.inspector?.id}
              onChange={(on) =>
                setChosen(on ? [...chosen, user.id] : chosen.filter((id) => id !== user.id))
              }
              label={place >= 0 ? `${user.name}, part ${place + 1}` : user.name}
              help={user.id === recording.inspector?.id ? 'Inspects this recording' : undefined}
            />
          );
        })}
        {able.length < 2 ? (
          <Notice>Parts need two annotators: give somebody the role under Team.</Notice>
        ) : null}
        {recording.in_parts ? (
          <Notice tone="warn">
            The parts until now are gone then, and so is which of them were submitted. What was
            saved stays.
          </Notice>
        ) : null}
      </div>
    </Dialog>
  );
}
