import { FlaskConical, MessageSquare, Move3d, ScanSearch } from 'lucide-react';
import type { RecordingSummary } from '@/shared/api/types';
import { count, formatNumber } from '@/shared/lib/format';
import { Badge } from '@/shared/ui';

/** Says where pre-labels do not come from a model. */
function SimulatedBadge({ compact }: { compact: boolean }) {
  return (
    <Badge
      tone="warn"
      icon={<FlaskConical size={12} aria-hidden />}
      title="These joints were not made by a model: they are the rendered truth with errors added, for the demo."
    >
      {compact ? 'Simulated' : 'Simulated pre-labels'}
    </Badge>
  );
}

/** Says that cameras stood elsewhere after the visit than before it. */
function MovedBadge() {
  return (
    <Badge
      tone="danger"
      icon={<Move3d size={12} aria-hidden />}
      title="The cameras were calibrated before and after the visit, and differ by more than the limit. See the page Cameras."
    >
      Cameras moved
    </Badge>
  );
}

interface RecordingBadgesProps {
  recording: RecordingSummary;
  /** Fewer words, for tables. */
  compact?: boolean;
}

export function RecordingBadges({ recording, compact = false }: RecordingBadgesProps) {
  return (
    <>
      {recording.is_demo ? (
        <Badge title="A rendered recording, shipped for trying out">Demo</Badge>
      ) : null}
      {recording.prelabels_simulated ? <SimulatedBadge compact={compact} /> : null}
      {'drift_flagged' in recording && recording.drift_flagged ? <MovedBadge /> : null}
      {recording.round > 1 ? (
        <Badge title="How often it went to inspection">Round {recording.round}</Badge>
      ) : null}
      {recording.suspicious > 0 ? (
        <Badge
          tone="warn"
          icon={<ScanSearch size={12} aria-hidden />}
          title="Frames with a joint that probably needs a hand, and that nobody answered"
        >
          {compact ? (
            <span>
              {formatNumber(recording.suspicious)}
              <span className="visually-hidden"> suspicious frames</span>
            </span>
          ) : (
            count(recording.suspicious, 'suspicious frame')
          )}
        </Badge>
      ) : null}
      {recording.open_comments > 0 ? (
        <Badge tone="danger" icon={<MessageSquare size={12} aria-hidden />}>
          {compact ? (
            <span>
              {recording.open_comments}
              <span className="visually-hidden"> open comments</span>
            </span>
          ) : (
            count(recording.open_comments, 'open comment')
          )}
        </Badge>
      ) : null}
    </>
  );
}
