import { CircleCheck, PackageCheck, PackageX, PenLine } from 'lucide-react';
import { Badge, type Tone } from '@/shared/ui';
import { STATE_HELP, STATE_LABELS, type State } from './words';

const LOOKS: Record<State, { tone: Tone; Icon: typeof PenLine }> = {
  draft: { tone: 'neutral', Icon: PenLine },
  checked: { tone: 'info', Icon: CircleCheck },
  published: { tone: 'ok', Icon: PackageCheck },
  withdrawn: { tone: 'danger', Icon: PackageX },
};

export function StateBadge({ state }: { state: State }) {
  const { tone, Icon } = LOOKS[state];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden />} title={STATE_HELP[state]}>
      {STATE_LABELS[state]}
    </Badge>
  );
}
