import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  FIT_SETTINGS,
  faultOf,
  overrides,
  TIME_FILTERS,
  type TimeFilter,
} from '@/features/fits/bodies/settings';
import type { FitRequest } from '@/features/fits/bodies/types';
import { bodiesQuery } from '@/shared/api/queries/bodies';
import { calibrationsQuery } from '@/shared/api/queries/calibrations';
import type { RecordingDetail } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import {
  Button,
  Checkbox,
  Dialog,
  Field,
  Input,
  Notice,
  Select,
  Skeleton,
  toast,
} from '@/shared/ui';
import css from './Dialogs.module.css';
import { useRequestFits } from './queries';

interface FitDialogProps {
  recording: RecordingDetail;
  /** Moments to which the fit may be limited. */
  selected: readonly number[];
  stale: number;
  verified: number;
  /** The body of the fits that are here. */
  body?: string;
  onClose: () => void;
}

type Scope = 'all' | 'stale' | 'selected';

function BodyChoice({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const { data: bodies } = useQuery(bodiesQuery);
  if (!bodies) return <Skeleton height={56} />;
  const chosen = bodies.find((b) => b.name === value);
  return (
    <Field
      label="Body model"
      help={
        <>
          {chosen ? `${chosen.about} Licence: ${chosen.licence}. ` : ''}
          Others are added on the page <Link to="/models">Models</Link>.
        </>
      }
    >
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          {bodies.map((b) => (
            <option key={b.name} value={b.name}>
              {b.name}
              {b.is_open ? ' (shipped)' : ''}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function CalibrationChoice({
  recording,
  value,
  onChange,
}: {
  recording: RecordingDetail;
  value: string;
  onChange: (id: string) => void;
}) {
  const { data } = useQuery(calibrationsQuery(recording.id));
  const placed = data?.filter((c) => c.placed) ?? [];
  if (recording.cameras_list.length === 1 && !placed.length) {
    return (
      <Notice>
        Nothing is known of this camera, so a usual lens is assumed. Pose and proportions are
        useful; size and distance are not metric, and every fit says so.
      </Notice>
    );
  }
  const usual = recording.calibration;
  return (
    <Field label="Calibration" help="Every fit names the version that it was made with.">
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">
            {usual ? `The one in use: version ${usual.version}` : 'The one in use'}
          </option>
          {placed
            .filter((c) => c.id !== usual?.id)
            .map((c) => (
              <option key={c.id} value={c.id}>
                Version {c.version}, {c.phase}
              </option>
            ))}
        </Select>
      )}
    </Field>
  );
}

interface SettingsProps {
  typed: Record<string, string>;
  onType: (key: string, text: string) => void;
  masks: boolean;
  onMasks: (on: boolean) => void;
}

function TimeChoice({
  value,
  onChange,
}: {
  value: TimeFilter;
  onChange: (value: TimeFilter) => void;
}) {
  const chosen = TIME_FILTERS.find((filter) => filter.value === value);
  return (
    <Field label="Over time" help={chosen?.help}>
      {(control) => (
        <Select
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value as TimeFilter)}
        >
          {TIME_FILTERS.map((filter) => (
            <option key={filter.value} value={filter.value}>
              {filter.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function Settings({ typed, onType, masks, onMasks }: SettingsProps) {
  return (
    <details className={css.advanced}>
      <summary>Settings</summary>
      <div className={css.settings}>
        <div className={css.wide}>
          <Checkbox
            checked={masks}
            onChange={onMasks}
            label="Use the infant’s masks"
            help="Pulls the surface towards the outlines, where boxes and masks were made, and towards scans. Slower."
          />
        </div>
        {FIT_SETTINGS.map((setting) => (
          <Field
            key={setting.key}
            label={setting.label}
            help={setting.help}
            error={faultOf(setting, typed[setting.key])}
          >
            {(control) => (
              <Input
                {...control}
                inputMode="decimal"
                placeholder={String(setting.default)}
                value={typed[setting.key] ?? ''}
                onChange={(event) => onType(setting.key, event.target.value)}
              />
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}

/** What to fit, with which body, cameras and settings. */
export function FitDialog(props: FitDialogProps) {
  const { recording, selected, stale, verified, onClose } = props;
  const request = useRequestFits(recording.id);
  const [body, setBody] = useState(props.body ?? 'open-infant');
  const [calibration, setCalibration] = useState('');
  const [scope, setScope] = useState<Scope>(selected.length ? 'selected' : 'all');
  const [replace, setReplace] = useState(false);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [masks, setMasks] = useState(true);
  const [time, setTime] = useState<TimeFilter>('sequence');
  const faulty = FIT_SETTINGS.some((s) => faultOf(s, typed[s.key]));
  const submit = () => {
    const wanted: FitRequest = { body, config: overrides(typed, masks, time) };
    if (calibration) wanted.calibration_id = Number(calibration);
    if (scope === 'stale') wanted.only_stale = true;
    if (scope === 'selected') wanted.moment_ids = [...selected];
    if (replace) wanted.replace_verified = true;
    request.mutate(wanted, {
      onSuccess: onClose,
      onError: (error) => toast.error('The fit could not be started', error),
    });
  };
  const scopes: { value: Scope; label: string; help?: string }[] = [
    { value: 'all', label: 'All moments', help: 'shape and size are estimated again' },
    ...(selected.length
      ? [{ value: 'selected' as const, label: `The ${count(selected.length, 'selected moment')}` }]
      : []),
    ...(stale
      ? [
          {
            value: 'stale' as const,
            label:
              stale === 1
                ? 'The moment that is out of date'
                : stale === 1
                  ? 'The moment that is out of date'
                  : `The ${count(stale, 'moment')} that are out of date`,
            help: 'and their neighbours',
          },
        ]
      : []),
  ];
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Fit bodies"
      description="One shape and size for the infant, and a pose for each moment, from the joints that people kept."
      width={560}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={request.isPending} disabled={faulty} onClick={submit}>
            Fit
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <BodyChoice value={body} onChange={setBody} />
        <CalibrationChoice recording={recording} value={calibration} onChange={setCalibration} />
        <TimeChoice value={time} onChange={setTime} />
        {scopes.length > 1 ? (
          <fieldset className={css.choices}>
            <legend>Moments</legend>
            {scopes.map(({ value, label, help }) => (
              <label key={value}>
                <input
                  type="radio"
                  name="scope"
                  checked={scope === value}
                  onChange={() => setScope(value)}
                />
                {label}
                {help ? <span>{help}</span> : null}
              </label>
            ))}
          </fieldset>
        ) : null}
        {verified ? (
          <Checkbox
            checked={replace}
            onChange={setReplace}
            label={`Also replace the ${count(verified, 'verified fit')}`}
            help="They lose their verdict. Otherwise they stay as they are."
          />
        ) : null}
        <Settings
          typed={typed}
          onType={(key, text) => setTyped({ ...typed, [key]: text })}
          masks={masks}
          onMasks={setMasks}
        />
      </div>
    </Dialog>
  );
}
