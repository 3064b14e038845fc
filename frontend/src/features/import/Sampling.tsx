import { RadioGroup } from 'radix-ui';
import { Input } from '@/shared/ui';
import type { Draft } from './draft';
import css from './ImportPage.module.css';

interface SamplingProps {
  draft: Draft;
  fault: string | undefined;
  onChange: (next: Partial<Draft>) => void;
}

/** Every n-th frame, or so many per second. */
export function Sampling({ draft, fault, onChange }: SamplingProps) {
  return (
    <>
      <RadioGroup.Root
        className={css.sampling}
        value={draft.sampling}
        aria-label="Which frames"
        onValueChange={(next) => onChange({ sampling: next as Draft['sampling'] })}
      >
        <div className={css.option}>
          <RadioGroup.Item value="every" id="sampling-every" className={css.radio}>
            <RadioGroup.Indicator />
          </RadioGroup.Item>
          <label htmlFor="sampling-every">One in</label>
          <Input
            type="number"
            min={1}
            step={1}
            aria-label="Step from frame to frame"
            aria-invalid={draft.sampling === 'every' && fault ? true : undefined}
            value={draft.every}
            onFocus={() => onChange({ sampling: 'every' })}
            onChange={(e) => onChange({ every: e.target.value })}
          />
          <span>frames (1 takes all)</span>
        </div>
        <div className={css.option}>
          <RadioGroup.Item value="fps" id="sampling-fps" className={css.radio}>
            <RadioGroup.Indicator />
          </RadioGroup.Item>
          <label htmlFor="sampling-fps">Take</label>
          <Input
            type="number"
            min={0.01}
            step="any"
            aria-label="Frames per second"
            aria-invalid={draft.sampling === 'fps' && fault ? true : undefined}
            value={draft.fps}
            onFocus={() => onChange({ sampling: 'fps' })}
            onChange={(e) => onChange({ fps: e.target.value })}
          />
          <span>frames per second of video</span>
        </div>
      </RadioGroup.Root>
      {fault ? <p className={css.fault}>{fault}</p> : null}
    </>
  );
}
