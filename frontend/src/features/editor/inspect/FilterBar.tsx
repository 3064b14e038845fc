import { Shuffle } from 'lucide-react';
import { useMemo } from 'react';
import { CameraSelect } from '@/features/recordings/parts/CameraSelect';
import type { InspectionFacts, RecordingDetail } from '@/shared/api/types';
import { count, formatNumber } from '@/shared/lib/format';
import { IconButton, Input, Select } from '@/shared/ui';
import {
  counted,
  FILTER_LABELS,
  INSPECT_FILTERS,
  type InspectFilter,
  type InspectItem,
  USUAL_SIZE,
} from './filters';
import css from './inspect.module.css';
import type { InspectSearch } from './search';

interface FilterBarProps {
  recording: RecordingDetail;
  items: readonly InspectItem[];
  found: number;
  facts: InspectionFacts | undefined;
  search: InspectSearch;
  onChange: (change: InspectSearch) => void;
}

export function FilterBar({ recording, items, found, facts, search, onChange }: FilterBarProps) {
  const counts = useMemo(() => counted(items), [items]);
  return (
    <search className={css.filters}>
      <Select
        aria-label="Which frames"
        value={search.show ?? ''}
        onChange={(e) => onChange({ show: (e.target.value || undefined) as InspectFilter })}
      >
        <option value="">All frames ({formatNumber(items.length)})</option>
        {INSPECT_FILTERS.map((name) => (
          <option key={name} value={name}>
            {FILTER_LABELS[name]}
            {name === 'random' ? '' : ` (${formatNumber(counts[name])})`}
          </option>
        ))}
      </Select>
      <Select
        aria-label="By whom"
        value={search.person ?? ''}
        onChange={(e) => onChange({ person: Number(e.target.value) || undefined })}
      >
        <option value="">By anybody</option>
        {facts?.people.map(({ id, name }) => (
          <option key={id} value={id}>
            By {name}
          </option>
        ))}
      </Select>
      <CameraSelect
        recording={recording}
        camera={search.camera}
        onChange={(camera) => onChange({ camera })}
      />
      {search.show === 'random' ? (
        <span className={css.random}>
          <Input
            type="number"
            aria-label="How many frames"
            title="How many frames"
            min={1}
            value={search.size ?? USUAL_SIZE}
            onChange={(e) => onChange({ size: Number(e.target.value) || undefined })}
          />
          <span aria-hidden>seed</span>
          <Input
            type="number"
            aria-label="Seed"
            title="The same seed draws the same frames"
            min={1}
            value={search.seed ?? 1}
            onChange={(e) => onChange({ seed: Number(e.target.value) || undefined })}
          />
          <IconButton
            label="Draw others"
            onClick={() => onChange({ seed: 1 + Math.floor(Math.random() * 1e6) })}
          >
            <Shuffle size={14} />
          </IconButton>
        </span>
      ) : null}
      <p role="status">{count(found, 'frame')}</p>
    </search>
  );
}
