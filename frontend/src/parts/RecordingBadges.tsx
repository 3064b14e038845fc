import { FlaskConical, MessageSquare } from 'lucide-react';
import type { RecordingSummary } from '@/api/types';
import { count } from '@/lib/format';
import { Badge } from '@/ui';

/** Says where pre-labels do not come from a model. */
export function SimulatedBadge() {
  return (
    <Badge
      tone="warn"
      icon={<FlaskConical size={12} aria-hidden />}
      title="These joints were not made by a model: they are the rendered truth with errors added, for the demo."
    >
      Simulated pre-labels
    </Badge>
  );
}

export function RecordingBadges({ recording }: { recording: RecordingSummary }) {
  return (
    <>
      {recording.is_demo ? (
        <Badge title="A rendered recording, shipped for trying out">Demo</Badge>
      ) : null}
      {recording.prelabels_simulated ? <SimulatedBadge /> : null}
      {recording.round > 1 ? (
        <Badge title="How often it went to inspection">Round {recording.round}</Badge>
      ) : null}
      {recording.open_comments > 0 ? (
        <Badge tone="danger" icon={<MessageSquare size={12} aria-hidden />}>
          {count(recording.open_comments, 'open comment')}
        </Badge>
      ) : null}
    </>
  );
}
