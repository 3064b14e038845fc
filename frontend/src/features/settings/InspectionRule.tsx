import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { inspectionRuleQuery, useSetInspectionRule } from '@/shared/api/queries/inspecting';
import type { InspectionRule } from '@/shared/api/types';
import { formatRelative } from '@/shared/lib/format';
import { Button, ErrorState, NumberField, Skeleton, toast } from '@/shared/ui';
import css from './SettingsPage.module.css';

/** How large the inspector's random samples are, and how good they have to be. */
export function InspectionRuleForm({ mayChange }: { mayChange: boolean }) {
  const { data, error, refetch } = useQuery(inspectionRuleQuery);
  const set = useSetInspectionRule();
  const [change, setChange] = useState<Partial<InspectionRule>>({});
  if (error && !data) {
    return (
      <ErrorState
        title="The rule could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <Skeleton height={120} radius={6} />;
  const { min_frames, share, max_errors_per_1000 } = { ...data, ...change };
  const save = async (): Promise<void> => {
    try {
      await set.mutateAsync({ min_frames, share, max_errors_per_1000 });
      setChange({});
      toast.ok('New samples are drawn by this rule; those already drawn keep theirs');
    } catch (problem) {
      toast.error('The rule was not changed', problem);
    }
  };
  return (
    <form
      className={css.content}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <NumberField
        label="Frames in a sample, at least"
        min={1}
        step={1}
        required
        disabled={!mayChange}
        value={min_frames}
        onChange={(text) => setChange({ ...change, min_frames: Number.parseFloat(text) })}
      />
      <NumberField
        label="Share of the frames, in %, at least"
        min={0}
        max={100}
        step="any"
        required
        disabled={!mayChange}
        value={Math.round(share * 1e6) / 1e4}
        onChange={(text) => setChange({ ...change, share: Number.parseFloat(text) / 100 })}
      />
      <NumberField
        label="Wrong joints in 1,000, at most"
        help="The upper end of the 95 % interval may not lie above this; otherwise the sample does not vouch."
        min={0.1}
        max={1000}
        step="any"
        required
        disabled={!mayChange}
        value={max_errors_per_1000}
        onChange={(text) => setChange({ ...change, max_errors_per_1000: Number.parseFloat(text) })}
      />
      {data.updated_by && data.updated_at ? (
        <p className={css.quiet}>
          Set by {data.updated_by.name} {formatRelative(data.updated_at)}.
        </p>
      ) : null}
      {mayChange ? (
        <div>
          <Button
            type="submit"
            variant="primary"
            busy={set.isPending}
            disabled={Object.keys(change).length === 0}
          >
            Save
          </Button>
        </div>
      ) : (
        <p className={css.quiet}>A maintainer changes it.</p>
      )}
    </form>
  );
}
