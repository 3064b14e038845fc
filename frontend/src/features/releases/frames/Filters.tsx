import { getRouteApi } from '@tanstack/react-router';
import type { Release } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { humanise, SOURCE_LABELS } from '@/shared/domain/words';
import { Select } from '@/shared/ui';
import { STANDING_LABELS } from './conditions';
import css from './Frames.module.css';
import { type FrameSearch, frameSearch, STANDINGS } from './search';

const route = getRouteApi('/app/shell/releases/$releaseId/frames');

interface ChoiceProps {
  label: string;
  all: string;
  value: string | undefined;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string | undefined) => void;
}

function Choice({ label, all, value, options, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      value={value ?? ''}
      onChange={(e) => onChange(e.target.value || undefined)}
    >
      <option value="">{all}</option>
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </Select>
  );
}

/** The conditions that are asked for most; numbers on other pages lead here with more of them. */
export function Filters({ release }: { release: Release }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Record<keyof FrameSearch, unknown> | Partial<FrameSearch>) =>
    void navigate({
      search: (now) => frameSearch({ ...now, ...next, frame: undefined }),
      replace: true,
    });
  const splits = release.settings.splitting?.targets?.map(({ name }) => [name, name] as const);
  return (
    <search className={css.filters}>
      <Choice
        label="Split"
        all="All splits"
        value={search.split}
        options={splits ?? []}
        onChange={(split) => change({ split })}
      />
      <Choice
        label="Source"
        all="All sources"
        value={search.source}
        options={Object.entries(SOURCE_LABELS)}
        onChange={(source) => change({ source: source as FrameSearch['source'] })}
      />
      <Choice
        label="Joint"
        all="Any joints"
        value={search.joint?.toString()}
        options={JOINT_LABELS.map((name, i) => [String(i), humanise(name)] as const)}
        onChange={(joint) => change({ joint: joint === undefined ? undefined : Number(joint) })}
      />
      {search.joint === undefined ? null : (
        <Choice
          label="How the joint stands"
          all="placed"
          value={search.visibility === 'placed' ? undefined : search.visibility}
          options={STANDINGS.filter((one) => one !== 'placed').map(
            (one) => [one, STANDING_LABELS[one]] as const,
          )}
          onChange={(visibility) => change({ visibility: visibility as FrameSearch['visibility'] })}
        />
      )}
      <Choice
        label="Body fit"
        all="With or without body fit"
        value={search.fitted === undefined ? undefined : String(search.fitted)}
        options={[
          ['true', 'With body fit'],
          ['false', 'Without body fit'],
        ]}
        onChange={(fitted) =>
          change({ fitted: fitted === undefined ? undefined : fitted === 'true' })
        }
      />
    </search>
  );
}
