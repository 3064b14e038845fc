import { Field, Notice, Select } from '@/shared/ui';
import type { Choices, FirstPass } from './choices';
import css from './look.module.css';

interface PixelsProps {
  report: FirstPass;
  choices: Choices;
  onChange: (next: Choices) => void;
}

/** What joints count, and which pixels labels of turned photographs are in. */
export function Pixels({ report, choices, onChange }: PixelsProps) {
  const { pixels, turned } = report;
  const askRule = pixels.origin === 'assumed' || choices.pixels !== null;
  const askExif = turned.unknown > 0 || choices.exif !== null;
  if (!askRule && !askExif && !turned.notes.length) {
    return <p className={css.aside}>{pixels.text}</p>;
  }
  return (
    <section className={css.block} aria-label="Pixels">
      <h3>Pixels</h3>
      <p>{pixels.text}</p>
      {askRule ? (
        <Field label="Joint coordinates are measured" help="The difference is half a pixel.">
          {(control) => (
            <Select
              {...control}
              value={choices.pixels ?? ''}
              onChange={(event) =>
                onChange({ ...choices, pixels: (event.target.value || null) as Choices['pixels'] })
              }
            >
              <option value="">as assumed</option>
              <option value="continuous">from the outer corner of the first pixel</option>
              <option value="index">from the centre of the first pixel</option>
            </Select>
          )}
        </Field>
      ) : null}
      {turned.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {askExif ? (
        <>
          {turned.unknown ? (
            <Notice tone="warn">
              {turned.unknown} {turned.unknown === 1 ? 'photograph is' : 'photographs are'} rotated
              by Exif, and nothing says which pixels the labels are in: {turned.examples.join('; ')}
              .
            </Notice>
          ) : null}
          <Field
            label="Photographs rotated by Exif"
            help="A program that ignores Exif labels stored pixels; a browser and most viewers show upright ones."
          >
            {(control) => (
              <Select
                {...control}
                value={choices.exif ?? ''}
                onChange={(event) =>
                  onChange({ ...choices, exif: (event.target.value || null) as Choices['exif'] })
                }
              >
                <option value="">Choose…</option>
                <option value="stored">Labels are in stored pixels</option>
                <option value="upright">Labels are in upright pixels</option>
              </Select>
            )}
          </Field>
        </>
      ) : null}
    </section>
  );
}
