import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChartNoAxesColumn } from 'lucide-react';
import { count, formatDateTime } from '@/shared/lib/format';
import { EmptyState, ErrorState, Notice, Select, SkeletonRows } from '@/shared/ui';
import { splitLabel } from '../frames/conditions';
import { useOpenRelease } from '../release';
import { Section } from '../Section';
import { Fits } from './Fits';
import { Bars } from './plots/Bars';
import { Columns } from './plots/Columns';
import { Figure } from './plots/Figure';
import { PoseMaps, PoseTable } from './plots/PoseMaps';
import { RowsTable } from './plots/RowsTable';
import { type Statistics, statisticsQuery } from './queries';
import { ageRows, boxRows, imageRows, jointRows, postureRows, type Row, splitsOf } from './rows';
import css from './Statistics.module.css';
import { Discards, TableTwo } from './TableTwo';
import { Work } from './Work';

const route = getRouteApi('/app/shell/releases/$releaseId/statistics');

interface PlotProps {
  releaseId: number;
  title: string;
  help?: string;
  what: string;
  rows: Row[];
}

function BarFigure({ shares, ...plot }: PlotProps & { shares?: boolean }) {
  const { releaseId, title, help, what, rows } = plot;
  return (
    <Figure title={title} help={help} table={<RowsTable {...{ releaseId, what, rows }} />}>
      <Bars releaseId={releaseId} label={title} rows={rows} shares={shares} />
    </Figure>
  );
}

function ColumnFigure({ unit, ...plot }: PlotProps & { unit: string }) {
  const { releaseId, title, help, what, rows } = plot;
  return (
    <Figure title={title} help={help} table={<RowsTable {...{ releaseId, what, rows }} />}>
      <Columns releaseId={releaseId} label={title} unit={unit} rows={rows} />
    </Figure>
  );
}

const NOT_COUNTED = 'This was not counted yet when this release was frozen.';

function Infants({ id, found, split }: { id: number; found: Statistics; split?: string }) {
  const postures = postureRows(found, split);
  return (
    <div className={css.pair}>
      <ColumnFigure
        releaseId={id}
        title="Age"
        help="Frames by the infant’s age at the recording, in whole months."
        what="Months"
        unit="months"
        rows={ageRows(found, split)}
      />
      {found.postures === null || found.postures === undefined ? (
        <p className={css.quiet}>Postures: {NOT_COUNTED.toLowerCase()}</p>
      ) : postures.length ? (
        <BarFigure releaseId={id} title="Posture" what="Posture" rows={postures} />
      ) : (
        <p className={css.quiet}>No frame of it has a posture.</p>
      )}
    </div>
  );
}

function Pictures({ id, found, split }: { id: number; found: Statistics; split?: string }) {
  return (
    <div className={css.pair}>
      <ColumnFigure
        releaseId={id}
        title="Box size"
        help="Side of a square of the box’s area, in % of that of the image."
        what="% of the image’s side"
        unit="% of the image’s side"
        rows={boxRows(found, split)}
      />
      <BarFigure
        releaseId={id}
        title="Image size"
        help="Of all splits, in pixels."
        what="Pixels"
        rows={imageRows(found)}
      />
    </div>
  );
}

function Poses({ id, found }: { id: number; found: Statistics }) {
  const map = found.pose_map;
  if (!map) return <p className={css.quiet}>{NOT_COUNTED}</p>;
  if (!map.frames) {
    return <p className={css.quiet}>No frame shows both shoulders and both hips.</p>;
  }
  return (
    <Figure
      title="Joints seen from the torso"
      help={`Each of ${count(map.frames, 'frame')} is turned so that the shoulders lie above the hips, one torso length apart; the line in the middle is the torso. Darker: more frames. The infant’s own left and right.`}
      table={<PoseTable map={map} />}
    >
      <PoseMaps releaseId={id} map={map} />
    </Figure>
  );
}

function Loaded({ found }: { found: Statistics }) {
  const { release } = useOpenRelease();
  const { split } = route.useSearch();
  const navigate = route.useNavigate();
  const { id } = release;
  if (!found.table.length) {
    return (
      <EmptyState icon={<ChartNoAxesColumn size={20} />} title="Nothing to count yet">
        The rule of this draft selects no frame. Change it on the overview.
      </EmptyState>
    );
  }
  return (
    <div className={css.parts}>
      {found.frozen_at === null ? (
        <Notice>
          Of what the rule selects now, with the labels of now. A check freezes frames and numbers.
        </Notice>
      ) : (
        <p className={css.quiet}>
          Counted when its frames were frozen, {formatDateTime(found.frozen_at)}.
        </p>
      )}
      <Section
        title="Frames by source and split"
        help="Raw frames are all those of the recordings of which frames are in. Every number leads to its frames."
      >
        <TableTwo releaseId={id} found={found} />
        <Discards releaseId={id} found={found} />
      </Section>
      <div className={css.bar}>
        <Select
          aria-label="Split"
          value={split ?? '*'}
          onChange={(e) =>
            void navigate({
              search: { split: e.target.value === '*' ? undefined : e.target.value },
              replace: true,
              resetScroll: false,
            })
          }
        >
          <option value="*">All splits</option>
          {splitsOf(found).map((name) => (
            <option key={name} value={name}>
              {splitLabel(name)}
            </option>
          ))}
        </Select>
        <p className={css.quiet}>Joints, ages, postures and boxes below are of this split.</p>
      </div>
      <Section title="Joints">
        <BarFigure
          releaseId={id}
          title="Joints by visibility"
          help="Share of the frames in which a joint is visible, occluded, or not in the picture."
          what="Joint"
          rows={jointRows(found, split)}
          shares
        />
      </Section>
      <Section title="Infants">
        <Infants id={id} found={found} split={split} />
      </Section>
      <Section title="Images and boxes">
        <Pictures id={id} found={found} split={split} />
      </Section>
      <Section title="Poses">
        <Poses id={id} found={found} />
      </Section>
      <Section title="Bodies">
        <Fits releaseId={id} found={found} />
      </Section>
      <Section
        title="Who and how long"
        help="People are numbers, the same as in provenance.parquet."
      >
        <Work releaseId={id} found={found} />
      </Section>
    </div>
  );
}

/** What a release holds, in numbers and plots. */
export default function StatisticsPage() {
  const { release } = useOpenRelease();
  const { data, error, refetch } = useQuery(statisticsQuery(release.id));
  if (error && !data) {
    return (
      <ErrorState
        title="The statistics could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (data) return <Loaded found={data} />;
  return (
    <>
      <p role="status" className={css.quiet}>
        {data === null ? 'Counting the frames that the rule selects now. This takes a moment…' : ''}
      </p>
      <SkeletonRows rows={6} height={96} />
    </>
  );
}
