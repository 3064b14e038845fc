import { FileCode2, Grid3x3, MapPin, PersonStanding } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import type { Calibration, Camera } from '@/shared/api/types';
import { formatDate } from '@/shared/lib/format';
import { Button, Field, Notice, Select } from '@/shared/ui';
import { BoardPlace } from './BoardPlace';
import css from './CamerasPage.module.css';
import { ImportPlace } from './ImportPlace';
import { JointsPlace } from './JointsPlace';
import { PlaceResults } from './PlaceResults';
import { PointsPlace } from './PointsPlace';
import type { Phase } from './queries';
import { baseFor, ORIGIN_LABELS, PHASE_LABELS, standOf, withLenses } from './state';

export type PlaceMethod = 'board' | 'points' | 'import' | 'joints';

const METHODS: { value: PlaceMethod; title: string; help: string; icon: ReactNode }[] = [
  {
    value: 'board',
    title: 'Board',
    help: 'A large one that several cameras see at once',
    icon: <Grid3x3 size={16} aria-hidden />,
  },
  {
    value: 'points',
    title: 'Known points',
    help: 'You measured points in the room and click them',
    icon: <MapPin size={16} aria-hidden />,
  },
  {
    value: 'import',
    title: 'File',
    help: 'From OpenCV, Qualisys, Kalibr, COLMAP and others',
    icon: <FileCode2 size={16} aria-hidden />,
  },
  {
    value: 'joints',
    title: 'Joints',
    help: 'Adjust placed cameras, find one that was knocked',
    icon: <PersonStanding size={16} aria-hidden />,
  },
];

interface PlaceStepProps {
  recordingId: number;
  cameras: readonly Camera[];
  versions: readonly Calibration[];
  phase: Phase;
  shown: Calibration | null;
  mayChange: boolean;
  method: PlaceMethod;
  onMethod: (method: PlaceMethod) => void;
  onDone: () => void;
}

function versionName(version: Calibration): string {
  const phase = version.phase === 'session' ? '' : `, ${PHASE_LABELS[version.phase].toLowerCase()}`;
  return `Version ${version.version}${phase}, ${ORIGIN_LABELS[version.origin]?.toLowerCase()}, ${formatDate(version.created_at)}`;
}

/** Where the cameras stand. */
export function PlaceStep(props: PlaceStepProps) {
  const { recordingId, cameras, versions, phase, shown, mayChange, method, onMethod } = props;
  const stand = standOf(shown, cameras);
  const [again, setAgain] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const choices = withLenses(versions);
  const base = choices.find((v) => v.id === chosen) ?? baseFor(versions, phase);
  const form = mayChange && (stand.placed < stand.of || again);
  const onDone = () => {
    setAgain(false);
    props.onDone();
  };
  const close = stand.ready ? () => setAgain(false) : undefined;
  const common = { recordingId, cameras, phase, onDone, onClose: close };
  return (
    <>
      {shown?.placed ? <PlaceResults cameras={cameras} version={shown} /> : null}
      {form ? (
        <div className={css.form}>
          <RadioGroup.Root
            className={css.methods}
            aria-label="How to place the cameras"
            value={method}
            onValueChange={(value) => onMethod(value as PlaceMethod)}
          >
            {METHODS.map(({ value, title, help, icon }) => (
              <RadioGroup.Item key={value} value={value} className={css.method}>
                {icon}
                <strong>{title}</strong>
                <span>{help}</span>
              </RadioGroup.Item>
            ))}
          </RadioGroup.Root>
          {method !== 'import' && choices.length > 1 && base ? (
            <div className={css.short}>
              <Field label="Lenses from">
                {(control) => (
                  <Select
                    {...control}
                    value={base.id}
                    onChange={(e) => setChosen(Number(e.target.value))}
                  >
                    {choices.map((version) => (
                      <option key={version.id} value={version.id}>
                        {versionName(version)}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
            </div>
          ) : null}
          {method === 'import' ? <ImportPlace {...common} /> : null}
          {method !== 'import' && !base ? (
            <Notice>
              Calibrate the lenses first: without them, pictures do not tell where a camera stands.
              A file brings both.
            </Notice>
          ) : null}
          {method === 'board' && base ? <BoardPlace {...common} base={base} /> : null}
          {method === 'joints' && base ? <JointsPlace {...common} base={base} /> : null}
          {method === 'points' && base ? <PointsPlace {...common} base={base} /> : null}
        </div>
      ) : null}
      {mayChange && !form ? (
        <div>
          <Button onClick={() => setAgain(true)}>Place the cameras again</Button>
        </div>
      ) : null}
      {!mayChange && !shown?.placed ? (
        <p className={css.help}>A maintainer places the cameras here.</p>
      ) : null}
    </>
  );
}
