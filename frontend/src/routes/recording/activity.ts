import type { AuditEntry } from '@/api/types';
import { EVENT_LABELS, humanise, labelOf, STAGE_LABELS } from '@/lib/words';

function text(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null;
}

/** One entry of the log as a sentence without its subject: `submitted for inspection`. */
export function describe({ action, details }: Pick<AuditEntry, 'action' | 'details'>): string {
  switch (action) {
    case 'import_started':
      return 'started the import';
    case 'facts_changed':
      return `changed ${Object.keys(details).map(humanise).join(', ').toLowerCase() || 'facts'}`;
    case 'assigned': {
      const annotator = text(details.annotator) ?? 'nobody';
      const inspector = text(details.inspector) ?? 'nobody';
      return `assigned: ${annotator} annotates, ${inspector} inspects`;
    }
    case 'stage_changed': {
      const event = labelOf(EVENT_LABELS, text(details.event) ?? 'changed');
      const to = text(details.to);
      return to ? `${event} → ${labelOf(STAGE_LABELS, to)}` : event;
    }
    default:
      return humanise(action).toLowerCase();
  }
}

export function noteOf(entry: Pick<AuditEntry, 'details'>): string | null {
  return text(entry.details.note);
}
