import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import {
  type Calibration,
  calibrationImageUrl,
  type DroppedView,
  type LensReport,
  type UsedView,
} from '@/api/queries/calibrations';
import { count } from '@/lib/format';
import { Badge, Notice } from '@/ui';
import type { NamedCamera } from './distribute';
import css from './LensResults.module.css';
import { Picture } from './Picture';
import { cameraIn, type Grade, gradeOf, lensReport } from './state';
import { fieldOfView, px, reasonWords } from './words';

const GRADES: Record<
  Grade,
  { tone: 'ok' | 'warn' | 'danger'; word: string; Icon: typeof CircleCheck }
> = {
  good: { tone: 'ok', word: 'Good', Icon: CircleCheck },
  fair: { tone: 'warn', word: 'Fair', Icon: TriangleAlert },
  poor: { tone: 'danger', word: 'Poor', Icon: CircleAlert },
};

export function GradeBadge({ rms }: { rms: number }) {
  const { tone, word, Icon } = GRADES[gradeOf(rms)];
  return (
    <Badge
      tone={tone}
      icon={<Icon size={12} aria-hidden />}
      title="Root mean square distance between corners found and corners computed. Below 0.5 px is good, above 1 px poor."
    >
      {word}
    </Badge>
  );
}

interface LensResultsProps {
  cameras: readonly NamedCamera[];
  version: Calibration;
  versions: readonly Calibration[];
}

/** What calibrating the lenses gave, camera by camera. */
export function LensResults({ cameras, version, versions }: LensResultsProps) {
  const found = cameras.flatMap((camera) => {
    const lens = lensReport(version, versions, camera.id);
    return lens ? [{ camera, ...lens }] : [];
  });
  if (!found.length) return null;
  // What was said while placing stands with the places.
  const warnings = version.report.extrinsics ? [] : (version.report.warnings ?? []);
  return (
    <div className={css.results}>
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <ul className={css.cards} aria-label="Lenses">
        {found.map((lens) => (
          <LensCard key={lens.camera.id} {...lens} />
        ))}
      </ul>
    </div>
  );
}

interface LensCardProps {
  camera: NamedCamera;
  version: Calibration;
  report: LensReport;
}

function LensCard({ camera, version, report }: LensCardProps) {
  const calibrated = cameraIn(version, camera.id);
  const { rms_px: rms, views = [], dropped = [], coverage_share: share } = report;
  const key = report.coverage_key;
  return (
    <li className={css.card} aria-label={`Lens of ${camera.name}`}>
      <header>
        <strong>{camera.name}</strong>
        {rms === null ? null : <GradeBadge rms={rms} />}
      </header>
      <div className={css.facts}>
        {key ? (
          <Picture
            url={calibrationImageUrl(version.id, key)}
            title={`Where the board was seen by ${camera.name}`}
            className={css.coverage}
          />
        ) : null}
        <dl>
          <div>
            <dt>Error</dt>
            <dd>{rms === null ? 'unknown' : `${px(rms)} RMS`}</dd>
          </div>
          <div>
            <dt>Views</dt>
            <dd>
              {report.used} used{dropped.length ? `, ${dropped.length} dropped` : ''}
            </dd>
          </div>
          {share === undefined || share === null ? null : (
            <div>
              <dt>Coverage</dt>
              <dd title="Share of the picture in which the board was seen">
                {Math.round(100 * share)}% of the picture
              </dd>
            </div>
          )}
          {report.focal_px ? (
            <div>
              <dt>Focal length</dt>
              <dd>
                {Math.round(report.focal_px)} px
                {calibrated ? `, ${fieldOfView(calibrated)}° wide` : ''}
              </dd>
            </div>
          ) : null}
        </dl>
      </div>
      {(report.notes ?? []).map((note) => (
        <p key={note} className={css.note}>
          {note}
        </p>
      ))}
      {dropped.length ? (
        <ul className={css.views} aria-label={`Dropped views of ${camera.name}`}>
          {dropped.map((view, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a video drops several of one name
            <View key={`${view.file} ${index}`} version={version} view={view} dropped />
          ))}
        </ul>
      ) : null}
      {views.length ? (
        <details className={css.more}>
          <summary>{count(views.length, 'view')} used</summary>
          <ul className={css.views}>
            {views.map((view, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a video has several of one name
              <View key={`${view.file} ${index}`} version={version} view={view} />
            ))}
          </ul>
        </details>
      ) : null}
    </li>
  );
}

interface ViewProps {
  version: Calibration;
  view: DroppedView | UsedView;
  dropped?: boolean;
}

function View({ version, view, dropped }: ViewProps) {
  const rms = view.rms_px;
  const words = [
    'reason' in view ? reasonWords(view.reason) : `${view.corners} corners`,
    rms === null || rms === undefined ? null : px(rms),
  ];
  return (
    <li>
      {view.image_key ? (
        <Picture
          url={calibrationImageUrl(version.id, view.image_key)}
          title={view.file}
          className={css.thumb}
        />
      ) : null}
      <span>
        <b>
          {dropped ? 'Dropped: ' : ''}
          {view.file}
        </b>
        {words.filter(Boolean).join(' · ')}
      </span>
    </li>
  );
}
