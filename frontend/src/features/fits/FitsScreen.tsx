import { useEffect, useState } from 'react';
import { readyToVerify } from '@/features/fits/bodies/facts';
import type {
  FitDefaults,
  FitsOfRecording,
  MomentsOfRecording,
} from '@/features/fits/bodies/types';
import type { RecordingDetail } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { ConfirmDialog } from '@/shared/ui';
import css from './FitsPage.module.css';
import { KeysDialog } from './KeysDialog';
import { RejectDialog } from './RejectDialog';
import { SidePanel } from './SidePanel';
import { Timeline } from './Timeline';
import { TurntablePanel } from './TurntablePanel';
import { useBench } from './useBench';
import { useKeys } from './useKeys';
import { useVerdicts } from './useVerdicts';
import { Views } from './Views';
import { type Workbench, WorkbenchProvider } from './workbench';

interface FitsScreenProps {
  recording: RecordingDetail;
  data: FitsOfRecording;
  defaults: FitDefaults;
  session: MomentsOfRecording;
  /** Told which moments are selected; none where only the cursor stands somewhere. */
  onSelection: (momentIds: number[]) => void;
}

function Loaded({ bench }: { bench: Workbench }) {
  const verdicts = useVerdicts(bench);
  const [helping, setHelping] = useState(false);
  const help = () => setHelping(true);
  useKeys(bench, { ...verdicts, help });
  const waiting = readyToVerify(bench.data.fits).length;
  return (
    <WorkbenchProvider value={bench}>
      <div className={css.work}>
        <Views />
        <TurntablePanel />
        <SidePanel verdicts={verdicts} />
      </div>
      <Timeline onKeys={help} />
      {helping ? <KeysDialog onClose={() => setHelping(false)} /> : null}
      {verdicts.rejecting ? <RejectDialog verdicts={verdicts} /> : null}
      <ConfirmDialog
        open={verdicts.verifyingAll}
        onOpenChange={(open) => {
          if (!open) verdicts.stopVerifyingAll();
        }}
        title={`Verify ${count(waiting, 'fit')}?`}
        description="All fits that pass the gate, match today’s joints, and have no verdict yet. The verdicts can be cleared, fit by fit or by range."
        confirm="Verify them"
        busy={verdicts.busy}
        onConfirm={verdicts.verifyAll}
      />
    </WorkbenchProvider>
  );
}

/** The workbench: views, turntable, facts and verdict, and the timeline below. */
export function FitsScreen({ onSelection, ...props }: FitsScreenProps) {
  const bench = useBench(props);
  const [from, to] = bench?.selecting ? bench.range : [0, -1];
  const { moments } = props.session;
  useEffect(() => {
    onSelection(moments.slice(from, to + 1).map((moment) => moment.id));
  }, [onSelection, moments, from, to]);
  return bench ? <Loaded bench={bench} /> : null;
}
