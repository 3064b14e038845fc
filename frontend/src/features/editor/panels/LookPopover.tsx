import { Contrast, RotateCcw } from 'lucide-react';
import { Popover, Slider } from 'radix-ui';
import { useId } from 'react';
import { IconButton } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { AS_RECORDED, LOOK_RANGES } from '../actions/lookActions';
import { GHOST_LABELS } from '../layers/ghosts';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorParts } from '../store/context';
import { DEFAULT_VIEW, GHOSTS, type Ghost, type View } from '../store/state';
import css from './look.module.css';

const IMAGE = [
  ['brightness', 'Brightness'],
  ['contrast', 'Contrast'],
  ['gamma', 'Gamma'],
] as const;

const OVERLAY = [
  ['opacity', 'Opacity'],
  ['jointSize', 'Size of joints'],
] as const;

const SWITCHES = [
  ['overlay', 'Joints', 'view.overlay'],
  ['labels', 'Joint names', 'view.labels'],
  ['others', 'Other people', 'view.others'],
  ['mask', 'Mask', 'view.mask'],
  ['magnifier', 'Magnifier while dragging', 'view.magnifier'],
  ['crosshair', 'Crosshair while dragging', 'view.crosshair'],
  ['locked', 'Lock joints against dragging', 'view.lock'],
] as const;

/** How the image and what lies over it are looked at; the image itself never changes. */
export function LookPopover() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const { looking, view } = useEditorParts((s) => ({ looking: s.looking, view: s.view }));
  const set = (change: Partial<View>): void =>
    editor.set({ view: { ...editor.state.view, ...change } });
  const changed = view.brightness !== 1 || view.contrast !== 1 || view.gamma !== 1;
  return (
    <Popover.Root open={looking} onOpenChange={(open) => editor.set({ looking: open })}>
      <Popover.Anchor asChild>
        <span className={css.anchor}>
          <IconButton
            label="Image and overlay"
            shortcut={keyName('view.look')}
            side="right"
            pressed={looking || changed}
            onClick={() => editor.set({ looking: !editor.state.looking })}
          >
            <Contrast size={17} />
          </IconButton>
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          className={css.look}
          side="right"
          align="end"
          sideOffset={8}
          collisionPadding={12}
          aria-label="Image and overlay"
          onInteractOutside={(event) => {
            // It stays while one works: what it changes is seen on the canvas.
            event.preventDefault();
          }}
        >
          <section>
            <header>
              <h2>Image</h2>
              <IconButton
                label="As recorded"
                size="sm"
                side="left"
                disabled={!changed}
                onClick={() => set(AS_RECORDED)}
              >
                <RotateCcw size={13} />
              </IconButton>
            </header>
            {IMAGE.map(([name, label]) => (
              <LookSlider key={name} name={name} label={label} view={view} set={set} />
            ))}
          </section>
          <section>
            <header>
              <h2>Joints</h2>
            </header>
            {OVERLAY.map(([name, label]) => (
              <LookSlider key={name} name={name} label={label} view={view} set={set} />
            ))}
            <GhostChoice
              ghost={view.ghost}
              shortcut={keyName('view.ghost')}
              set={(ghost) => set({ ghost })}
            />
          </section>
          <section>
            {SWITCHES.map(([name, label, action]) => (
              <label key={name} className={css.switch}>
                <input
                  type="checkbox"
                  checked={view[name]}
                  onChange={(event) => set({ [name]: event.target.checked })}
                />
                <span>{label}</span>
                {keyName(action) && <Kbd>{keyName(action)}</Kbd>}
              </label>
            ))}
          </section>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface LookSliderProps {
  name: keyof typeof LOOK_RANGES;
  label: string;
  view: View;
  set: (change: Partial<View>) => void;
}

function LookSlider({ name, label, view, set }: LookSliderProps) {
  const [min, max] = LOOK_RANGES[name];
  const value = view[name];
  return (
    <div className={css.slider}>
      <span>{label}</span>
      <Slider.Root
        className={css.sliderRoot}
        min={min}
        max={max}
        step={0.05}
        value={[value]}
        onValueChange={([next]) => set({ [name]: next ?? DEFAULT_VIEW[name] })}
      >
        <Slider.Track className={css.sliderTrack}>
          <Slider.Range className={css.sliderRange} />
        </Slider.Track>
        <Slider.Thumb className={css.sliderThumb} aria-label={label} />
      </Slider.Root>
      <output>{Math.round(100 * value)} %</output>
    </div>
  );
}

interface GhostChoiceProps {
  ghost: Ghost;
  shortcut: string;
  set: (ghost: Ghost) => void;
}

function GhostChoice({ ghost, shortcut, set }: GhostChoiceProps) {
  const id = useId();
  return (
    <div className={css.slider}>
      <label htmlFor={id}>Skeleton behind {shortcut && <Kbd>{shortcut}</Kbd>}</label>
      <select id={id} value={ghost} onChange={(event) => set(event.target.value as Ghost)}>
        {GHOSTS.map((name) => (
          <option key={name} value={name}>
            {GHOST_LABELS[name]}
          </option>
        ))}
      </select>
    </div>
  );
}
