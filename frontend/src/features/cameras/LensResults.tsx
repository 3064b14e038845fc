import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Calibration } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { Badge, Notice } from '@/shared/ui';
import type { NamedCamera } from './distribute';
import css from './LensResults.module.css';
import { Picture } from './Picture';
import {
  calibrationImageUrl,
  type DroppedView,
  type LensReport,
  reportOf,
  type UsedView,
} from './queries';
import { cameraIn, type Grade, gradeOf, lensReport } from './state';
import { fieldOfView, px, reasonWords } from './words';

/** Names of dropped files that are told one by one. */
const MAX_NAMES = 6;

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
      title="Root mean square distance between detected and reprojected corners. Below 0.5 px is good, above 1 px poor."
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
  const said = new Set(found.flatMap(({ report }) => report.notes ?? []));
  const warnings = reportOf(version).extrinsics
    ? []
    : (reportOf(version).warnings ?? []).filter((warning) => !said.has(warning));
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
            <dt>Images</dt>
            <dd>
              {report.used} used{dropped.length ? `, ${dropped.length} dropped` : ''}
            </dd>
          </div>
          {share === undefined || share === null ? null : (
            <div>
              <dt>Coverage</dt>
              <dd title="Share of the picture in which the board was seen">
                {Math.round(100 * share)} % of the picture
              </dd>
            </div>
          )}
          {report.focal_px ? (
            <div>
              <dt>Focal length</dt>
              <dd>
                {Math.round(report.focal_px)}
                {report.focal_sd_px ? ` ± ${report.focal_sd_px.toFixed(1)}` : ''} px
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
      {report.missing?.length ? (
        <div className={css.note}>
          <strong>What the pictures do not show yet</strong>
          <ul>
            {report.missing.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      ) : null}
      {dropped.length ? <Dropped camera={camera} version={version} dropped={dropped} /> : null}
      {views.length ? <Used version={version} views={views} /> : null}
    </li>
  );
}

interface DroppedProps {
  camera: NamedCamera;
  version: Calibration;
  dropped: readonly DroppedView[];
}

/** What was left out and why: one line for each reason, as a video drops many for the same. */
function Dropped({ camera, version, dropped }: DroppedProps) {
  const reasons = [...new Set(dropped.map((view) => view.reason))];
  return (
    <ul className={css.dropped} aria-label={`Dropped images of ${camera.name}`}>
      {reasons.map((reason) => {
        const views = dropped.filter((view) => view.reason === reason);
        const names = views.slice(0, MAX_NAMES).map((view) => {
          const rms = view.rms_px;
          return rms === null || rms === undefined ? view.file : `${view.file} (${px(rms)})`;
        });
        const rest = views.length - names.length;
        return (
          <li key={reason}>
            <b>{views.length} dropped:</b> {reasonWords(reason)}
            <span>
              {names.join(', ')}
              {rest > 0 ? ` and ${rest} more` : ''}
            </span>
            {views.some((view) => view.image_key) ? (
              <div className={css.pictures}>
                {views
                  .slice(0, MAX_NAMES)
                  .map((view) =>
                    view.image_key ? (
                      <Picture
                        key={view.image_key}
                        url={calibrationImageUrl(version.id, view.image_key)}
                        title={view.file}
                        className={css.thumb}
                      />
                    ) : null,
                  )}
              </div>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

/** Views that were used; their pictures are fetched when somebody wants to see them. */
function Used({ version, views }: { version: Calibration; views: readonly UsedView[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={css.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{count(views.length, 'image')} used</summary>
      {open ? (
        <ul className={css.views}>
          {views.map((view, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a video has several of one name
            <View key={`${view.file} ${index}`} version={version} view={view} />
          ))}
        </ul>
      ) : null}
    </details>
  );
}

interface ViewProps {
  version: Calibration;
  view: UsedView;
}

function View({ version, view }: ViewProps) {
  const words = [`${view.corners} corners`, view.rms_px === null ? null : px(view.rms_px)];
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
        <b>{view.file}</b>
        {words.filter(Boolean).join(' · ')}
      </span>
    </li>
  );
}
