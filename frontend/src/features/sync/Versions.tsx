import { formatDateTime, formatRelative } from '@/shared/lib/format';
import { Badge, Button, Cell, HeadCell, Table } from '@/shared/ui';
import { METHOD_WORDS, percent, TRUST_WORDS, trustOf } from './clocks';
import type { Sync } from './queries';

function state(version: Sync): string {
  if (version.applied_at) return `applied ${formatRelative(version.applied_at)}`;
  return 'not applied';
}

function surety(version: Sync): string {
  if (version.method === 'manual') return 'By eye';
  const least = Math.min(...version.offsets.map((o) => (o.measured ? (o.confidence ?? 0) : 0)));
  return `${TRUST_WORDS[trustOf(least)]} (${percent(least)})`;
}

/** What was measured or set before; any of it can be looked at, and applied again. */
export function Versions({
  versions,
  shown,
  onShow,
}: {
  versions: readonly Sync[];
  shown: number | null;
  onShow: (version: Sync) => void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Version</HeadCell>
          <HeadCell>Method</HeadCell>
          <HeadCell>Least sure camera</HeadCell>
          <HeadCell>Made</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell>
            <span className="visually-hidden">Show</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <tr key={version.id} aria-current={version.id === shown || undefined}>
            <Cell>{version.version}</Cell>
            <Cell>{METHOD_WORDS[version.method]}</Cell>
            <Cell>{surety(version)}</Cell>
            <Cell quiet title={formatDateTime(version.created_at)}>
              {formatRelative(version.created_at)}
              {version.created_by ? ` by ${version.created_by.name}` : ''}
            </Cell>
            <Cell>
              {version.in_use ? <Badge tone="ok">In use</Badge> : null}{' '}
              <span>{state(version)}</span>
            </Cell>
            <Cell numeric quiet={version.id === shown}>
              {version.id === shown ? (
                'Shown above'
              ) : (
                <Button size="sm" onClick={() => onShow(version)}>
                  Show
                </Button>
              )}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
