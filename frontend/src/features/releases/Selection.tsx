import { GROUP_LABELS, POSTURE_LABELS } from '@/shared/domain/postures';
import { POSTURE_GROUPS, POSTURES, POSTURES_OF, QUALITY_FLAGS } from '@/shared/domain/rules.gen';
import { labelOf, QUALITY_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { Checkbox, Field, Input, Select } from '@/shared/ui';
import css from './Draft.module.css';
import { type PlaybackPolicy, SOURCES } from './form';
import { RecordingChoice } from './RecordingChoice';
import type { Draft } from './useDraft';

function toggled<T>(all: readonly T[], chosen: readonly T[], one: T, on: boolean): T[] {
  return all.filter((value) => (value === one ? on : chosen.includes(value)));
}

function Sources({ draft: { form, faults, set } }: { draft: Draft }) {
  const chosen = form.sources ?? SOURCES;
  return (
    <fieldset className={css.group}>
      <legend>Sources</legend>
      {SOURCES.map((source) => (
        <Checkbox
          key={source}
          checked={chosen.includes(source)}
          onChange={(on) => {
            const next = toggled(SOURCES, chosen, source, on);
            set({ sources: next.length === SOURCES.length ? null : next });
          }}
          label={labelOf(SOURCE_LABELS, source)}
        />
      ))}
      {faults.sources ? <p className={css.fault}>{faults.sources}</p> : null}
    </fieldset>
  );
}

function Flags({ draft: { form, set } }: { draft: Draft }) {
  return (
    <fieldset className={css.group}>
      <legend>Leave out pictures that are</legend>
      {QUALITY_FLAGS.filter((flag) => flag !== 'duplicate').map((flag) => (
        <Checkbox
          key={flag}
          checked={form.withoutFlags.includes(flag)}
          onChange={(on) =>
            set({ withoutFlags: toggled(QUALITY_FLAGS, form.withoutFlags, flag, on) })
          }
          label={QUALITY_LABELS[flag]}
        />
      ))}
      <Checkbox
        checked={!form.nearDuplicates}
        onChange={(on) => set({ nearDuplicates: !on })}
        label="Near-duplicates"
        help="Of pictures that show nearly the same, only the first is taken."
      />
    </fieldset>
  );
}

/** Whether what was only seen in passing goes out, and how much of it is looked at one by one. */
function Playback({ draft: { form, faults, set } }: { draft: Draft }) {
  return (
    <div className={css.pair}>
      <Field
        label="Frames accepted in playback"
        help="What an annotator saw in passing, and nobody looked at by itself since."
      >
        {(control) => (
          <Select
            {...control}
            value={form.playback}
            onChange={(e) => set({ playback: e.target.value as PlaybackPolicy })}
          >
            <option value="sampled">Taken once a random sample is checked</option>
            <option value="allowed">Taken as they are</option>
            <option value="refused">Not taken before each is looked at</option>
          </Select>
        )}
      </Field>
      {form.playback === 'sampled' ? (
        <Field
          label="Size of the sample, in %"
          error={faults.playbackShare}
          help="Drawn by a seed, so that it stays the same."
        >
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              value={form.playbackShare}
              onChange={(e) => set({ playbackShare: e.target.value })}
            />
          )}
        </Field>
      ) : null}
    </div>
  );
}

type PostureRule = 'any' | 'named' | 'some';

/** All frames, all that must have a posture, or only those of some postures. */
function Postures({ draft: { form, faults, set } }: { draft: Draft }) {
  const chosen = form.postures;
  const rule: PostureRule = chosen ? 'some' : form.postureRequired ? 'named' : 'any';
  const choose = (next: PostureRule) =>
    set({
      postures: next === 'some' ? [...POSTURES] : null,
      postureRequired: next === 'named',
    });
  return (
    <div className={css.group}>
      <Field
        label="Postures"
        help={
          rule === 'named' ? 'The check lists recordings in which nobody named some.' : undefined
        }
      >
        {(control) => (
          <Select {...control} value={rule} onChange={(e) => choose(e.target.value as PostureRule)}>
            <option value="any">All frames, with and without a posture</option>
            <option value="named">All frames, and each needs a posture</option>
            <option value="some">Only frames of chosen postures</option>
          </Select>
        )}
      </Field>
      {chosen === null ? null : (
        <div className={css.postures}>
          {POSTURE_GROUPS.map((group) => (
            <fieldset key={group} className={css.group}>
              <legend>{GROUP_LABELS[group]}</legend>
              {POSTURES_OF[group].map((posture) => (
                <Checkbox
                  key={posture}
                  checked={chosen.includes(posture)}
                  onChange={(on) => set({ postures: toggled(POSTURES, chosen, posture, on) })}
                  label={POSTURE_LABELS[posture]}
                />
              ))}
            </fieldset>
          ))}
        </div>
      )}
      {faults.postures ? <p className={css.fault}>{faults.postures}</p> : null}
    </div>
  );
}

/** The rule by which frames are chosen. */
export function Selection({ draft }: { draft: Draft }) {
  const { form, faults, set } = draft;
  return (
    <div className={css.rule}>
      <RecordingChoice draft={draft} />
      <div className={css.pair}>
        <Sources draft={draft} />
        <fieldset className={css.group}>
          <legend>Families and demo</legend>
          <Checkbox
            checked={form.consentedOnly}
            onChange={(consentedOnly) => set({ consentedOnly })}
            label="Only with consent"
            help="Leaves out recordings whose family did not agree to this audience."
          />
          <Checkbox
            checked={form.demo}
            onChange={(demo) => set({ demo })}
            label="Demo recordings as well"
            help="They are rendered: nobody was filmed."
          />
        </fieldset>
      </div>
      <div className={css.pair}>
        <Field label="Youngest, in months" error={faults.minAge} optional>
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              value={form.minAge}
              onChange={(e) => set({ minAge: e.target.value })}
            />
          )}
        </Field>
        <Field label="Oldest, in months" error={faults.maxAge} optional>
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              value={form.maxAge}
              onChange={(e) => set({ maxAge: e.target.value })}
            />
          )}
        </Field>
      </div>
      <div className={css.pair}>
        <Field
          label="Take every n-th moment"
          error={faults.everyNth}
          help={form.everyNth.trim() === '1' ? '1 takes all.' : 'All cameras of it are taken.'}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              value={form.everyNth}
              onChange={(e) => set({ everyNth: e.target.value })}
            />
          )}
        </Field>
        <Field
          label="Largest share of one infant, in %"
          error={faults.maxShare}
          help="So that no infant outweighs the others."
          optional
        >
          {(control) => (
            <Input
              {...control}
              inputMode="decimal"
              value={form.maxShare}
              placeholder="No limit"
              onChange={(e) => set({ maxShare: e.target.value })}
            />
          )}
        </Field>
      </div>
      <Postures draft={draft} />
      <Flags draft={draft} />
      <Playback draft={draft} />
    </div>
  );
}
