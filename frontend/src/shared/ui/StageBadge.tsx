import {
  BadgeCheck,
  Check,
  CheckCheck,
  Eye,
  FolderInput,
  LoaderCircle,
  PenLine,
  RotateCcw,
  ScanEye,
  Sparkles,
  SquareDashed,
} from 'lucide-react';
import type { Stage } from '@/shared/domain/rules.gen';
import { labelOf, STAGE_HELP, STAGE_LABELS } from '@/shared/domain/words';
import { Badge, type Tone } from './Badge';

const LOOKS: Record<Stage, { tone: Tone; Icon: typeof Check }> = {
  ingesting: { tone: 'neutral', Icon: LoaderCircle },
  ingested: { tone: 'neutral', Icon: FolderInput },
  prelabelling: { tone: 'neutral', Icon: LoaderCircle },
  prelabelled: { tone: 'accent', Icon: Sparkles },
  annotating: { tone: 'info', Icon: PenLine },
  inspecting: { tone: 'warn', Icon: Eye },
  returned: { tone: 'danger', Icon: RotateCcw },
  keypoints_approved: { tone: 'ok', Icon: Check },
  boxing: { tone: 'neutral', Icon: LoaderCircle },
  boxed: { tone: 'accent', Icon: SquareDashed },
  inspecting_boxes: { tone: 'warn', Icon: ScanEye },
  boxes_returned: { tone: 'danger', Icon: RotateCcw },
  approved: { tone: 'ok', Icon: CheckCheck },
};

/** Where a recording stands: icon, word and colour. */
export function StageBadge({ stage }: { stage: Stage }) {
  const { tone, Icon } = LOOKS[stage] ?? { tone: 'neutral', Icon: BadgeCheck };
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden />} title={STAGE_HELP[stage]}>
      {labelOf(STAGE_LABELS, stage)}
    </Badge>
  );
}
