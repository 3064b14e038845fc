import { useQuery } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { teamRulesQuery, useChangeTeamRules } from '@/shared/api/queries/team';
import type { TeamRules } from '@/shared/api/types';
import { Button, Dialog, Field, Notice, NumberField, Select, toast } from '@/shared/ui';
import css from './Lab.module.css';

const HANDOUTS: Record<TeamRules['handout'], { label: string; help: string }> = {
  choice: {
    label: 'Annotators choose, or take the next',
    help: 'Free recordings are listed under My work.',
  },
  queue: {
    label: 'Annotators take the next from a queue',
    help: 'Which one that is, is not theirs to choose.',
  },
  rotation: {
    label: 'In rotation',
    help: 'Whoever has least to decide gets a recording as soon as it has pre-labels.',
  },
  assigned: { label: 'Maintainers assign', help: 'Nobody takes a recording by themselves.' },
};
const HANDOUT_NAMES: readonly TeamRules['handout'][] = ['choice', 'queue', 'rotation', 'assigned'];

/** How recordings find their annotators, and a dialog that changes it. */
export function Rules() {
  const { data: rules } = useQuery(teamRulesQuery);
  const [open, setOpen] = useState(false);
  if (!rules) return null;
  return (
    <>
      <Button
        size="sm"
        icon={<SlidersHorizontal size={14} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {HANDOUTS[rules.handout].label}
      </Button>
      {open ? <RulesDialog rules={rules} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function RulesDialog({ rules, onClose }: { rules: TeamRules; onClose: () => void }) {
  const change = useChangeTeamRules();
  const [handout, setHandout] = useState(rules.handout);
  const [hours, setHours] = useState(String(rules.lease_minutes / 60));
  const [days, setDays] = useState(String(rules.stuck_days));
  const wanted: TeamRules = {
    handout,
    lease_minutes: Math.round(Number(hours) * 60),
    stuck_days: Math.round(Number(days)),
  };
  const fits =
    wanted.lease_minutes >= 5 &&
    wanted.lease_minutes <= 20_160 &&
    wanted.stuck_days >= 1 &&
    wanted.stuck_days <= 365;
  const save = () =>
    change.mutate(wanted, {
      onSuccess: () => {
        toast.ok('The rules were changed');
        onClose();
      },
    });
  return (
    <Dialog
      open
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title="How work is handed out"
      description="What is assigned already stays assigned."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={change.isPending} disabled={!fits} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Field label="New recordings" help={HANDOUTS[handout].help}>
          {(control) => (
            <Select
              {...control}
              value={handout}
              onChange={(e) =>
                setHandout(HANDOUT_NAMES.find((name) => name === e.target.value) ?? handout)
              }
            >
              {HANDOUT_NAMES.map((name) => (
                <option key={name} value={name}>
                  {HANDOUTS[name].label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <NumberField
          label="Hours without a save until a recording from the queue is offered again"
          help="From 5 minutes (0.1) to 14 days (336). What was saved stays."
          min={0.1}
          max={336}
          step={0.1}
          value={hours}
          onChange={setHours}
        />
        <NumberField
          label="Days without activity until something counts as stuck"
          min={1}
          max={365}
          value={days}
          onChange={setDays}
        />
        {change.error ? <Notice tone="error">{errorMessage(change.error)}</Notice> : null}
      </div>
    </Dialog>
  );
}
