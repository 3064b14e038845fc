import { Checkbox, Field, Select } from '@/shared/ui';
import css from './Draft.module.css';
import type { Packaging as Wanted } from './form';
import {
  CELLS,
  CODING,
  EXTRAS,
  IMAGES,
  MASKING,
  MASKS,
  OUTSIDE,
  PIXELS,
  packed,
  QUALITIES,
} from './packaging';
import { PACKAGING, Section } from './Section';
import type { Draft } from './useDraft';

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  choices: Readonly<Record<T, { label: string; help: string }>>;
  onChange: (value: T) => void;
}

/** A choice of a few, with what the chosen one does. */
function Choice<T extends string>({ label, value, choices, onChange }: ChoiceProps<T>) {
  return (
    <Field label={label} help={choices[value].help}>
      {(control) => (
        <Select {...control} value={value} onChange={(e) => onChange(e.target.value as T)}>
          {(Object.keys(choices) as T[]).map((name) => (
            <option key={name} value={name}>
              {choices[name].label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** What is written beside the annotations, and how. */
export function Packaging({ draft: { form, set } }: { draft: Draft }) {
  const wanted = form.packaging;
  const change = (next: Partial<Wanted>) => set({ packaging: { ...wanted, ...next } });
  const masked = wanted.images === 'masked';
  const extras = EXTRAS.filter(({ key }) => key in wanted);
  return (
    <Section
      id={PACKAGING}
      title="What is written"
      help="Annotations as COCO files, one for each split, are always written, with checksums and papers. The rest is chosen here."
    >
      <div className={css.written}>
        <Choice
          label="Images"
          value={wanted.images}
          choices={IMAGES}
          onChange={(images) => change({ images })}
        />
        {masked ? (
          <Choice
            label="Heads are masked by"
            value={wanted.masking}
            choices={MASKING}
            onChange={(masking) => change({ masking })}
          />
        ) : null}
        {masked && wanted.masking !== 'fill' ? (
          <Field
            label="Cells across a head"
            help="So many means of colour stand for a head. Fewer tell less of the face."
          >
            {(control) => (
              <Select
                {...control}
                value={wanted.masking_cells}
                onChange={(e) => change({ masking_cells: Number(e.target.value) })}
              >
                {CELLS.map((cells) => (
                  <option key={cells} value={cells}>
                    {cells}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        {wanted.images === 'none' ? null : (
          <Choice
            label="Kind of image files"
            value={wanted.coding}
            choices={CODING}
            onChange={(coding) => change({ coding })}
          />
        )}
        {wanted.images !== 'none' && wanted.coding === 'jpeg' ? (
          <Field label="JPEG quality" help="Higher is closer to the original, and larger.">
            {(control) => (
              <Select
                {...control}
                value={wanted.jpeg_quality}
                onChange={(e) => change({ jpeg_quality: Number(e.target.value) })}
              >
                {[...new Set([...QUALITIES, wanted.jpeg_quality])]
                  .sort((a, b) => a - b)
                  .map((quality) => (
                    <option key={quality} value={quality}>
                      {quality}
                    </option>
                  ))}
              </Select>
            )}
          </Field>
        ) : null}
        <Choice
          label="Masks"
          value={wanted.masks}
          choices={MASKS}
          onChange={(masks) => change({ masks })}
        />
        <Choice
          label="Coordinates are measured from"
          value={wanted.pixels}
          choices={PIXELS}
          onChange={(pixels) => change({ pixels })}
        />
        <Choice
          label="Joints outside the image"
          value={wanted.outside}
          choices={OUTSIDE}
          onChange={(outside) => change({ outside })}
        />
      </div>
      {extras.length ? (
        <fieldset className={css.extras}>
          <legend>With it</legend>
          {extras.map(({ key, label, help }) => (
            <Checkbox
              key={key}
              checked={Boolean(wanted[key as keyof Wanted])}
              onChange={(on) => change({ [key]: on })}
              label={label}
              help={help}
            />
          ))}
        </fieldset>
      ) : null}
      <p className={css.effect} role="status">
        {packed(wanted, form.audience)}
      </p>
    </Section>
  );
}
