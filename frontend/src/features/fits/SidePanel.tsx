import { Link } from '@tanstack/react-router';
import { AlertTriangle, CircleCheck, Info, OctagonAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { doubtMarks, trustMark } from '@/features/fits/bodies/confidence';
import { formatPx, marksOf, scansOf, spreadOf, unusualOf } from '@/features/fits/bodies/facts';
import { filterOf } from '@/features/fits/bodies/settings';
import { frameParam } from '@/shared/domain/frameAddress';
import { formatDateTime, formatNumber } from '@/shared/lib/format';
import { Badge, buttonClass } from '@/shared/ui';
import { ErrorTable } from './ErrorTable';
import { LimbChart } from './LimbChart';
import { PanelSection } from './PanelSection';
import { fitMeshUrl } from './queries';
import css from './SidePanel.module.css';
import type { Verdicts } from './useVerdicts';
import { VerdictPanel } from './VerdictPanel';
import { useWorkbench } from './workbench';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const ICONS = { ok: CircleCheck, info: Info, warn: AlertTriangle, danger: OctagonAlert };

/** The expected error, and what is odd, each with the way to the frame that shows it. */
function Confidence() {
  const { fit, recording, cameras, defaults } = useWorkbench();
  if (!fit) return null;
  const trust = trustMark(fit, defaults);
  const doubts = doubtMarks(fit, new Map(cameras.map((c) => [c.id, c.name])));
  const marks = trust ? [trust, ...doubts] : doubts;
  if (!marks.length) return null;
  return (
    <PanelSection title="How sure it is">
      <ul className={css.marks} aria-label="How sure this fit is, and why not">
        {marks.map(({ key, tone, label, help, at }) => {
          const Icon = ICONS[tone];
          return (
            <li key={key}>
              <Badge tone={tone} icon={<Icon size={12} aria-hidden />} title={help}>
                {label}
              </Badge>
              <p>
                {help}
                {at ? (
                  <>
                    {' '}
                    <Link
                      to="/recordings/$recordingId/frames/$frame"
                      params={{
                        recordingId: String(recording.id),
                        frame: frameParam(at.position),
                      }}
                      search={at.joint === null ? {} : { joint: at.joint }}
                    >
                      Open in the editor
                    </Link>
                  </>
                ) : null}
              </p>
            </li>
          );
        })}
      </ul>
    </PanelSection>
  );
}

function Marks() {
  const { fit, gate, run, recording, cameras } = useWorkbench();
  if (!fit) return null;
  const marks = marksOf(fit, gate, new Map(cameras.map((c) => [c.id, c.name])));
  const older = run?.calibration && run.calibration.id !== recording.calibration?.id;
  return (
    <ul className={css.marks} aria-label="What to know about this fit">
      {marks.map(({ key, tone, label, help }) => {
        const Icon = ICONS[tone];
        return (
          <li key={key}>
            <Badge tone={tone} icon={<Icon size={12} aria-hidden />} title={help}>
              {label}
            </Badge>
            {tone === 'ok' ? null : <p>{help}</p>}
          </li>
        );
      })}
      {unusualOf(run).map((text) => (
        <li key={text}>
          <Badge tone="warn" icon={<AlertTriangle size={12} aria-hidden />}>
            Unusual body
          </Badge>
          <p>{text}</p>
        </li>
      ))}
      {older ? (
        <li>
          <Badge tone="warn" icon={<AlertTriangle size={12} aria-hidden />}>
            Other calibration
          </Badge>
          <p>The recording has another one in use now than this fit was made with.</p>
        </li>
      ) : null}
    </ul>
  );
}

function cm(metres: unknown): string | null {
  return typeof metres === 'number' ? `${(100 * metres).toFixed(1)} cm` : null;
}

function Facts() {
  const { run, fit } = useWorkbench();
  if (!run) return null;
  const length = cm(run.summary.length_m);
  const scans = scansOf(run);
  const filter = filterOf(run.summary.time_filter);
  const spread = fit ? spreadOf(fit) : null;
  const bridged = fit?.metrics.bridged === true;
  return (
    <PanelSection title="Made with">
      <dl className={css.facts}>
        <Fact name="Body model">
          {run.body_name}{' '}
          <code title={`SHA-256 ${run.body_sha256}`}>{run.body_sha256.slice(0, 8)}</code>
        </Fact>
        <Fact name="Calibration">
          {run.calibration ? `version ${run.calibration.version}` : 'none: camera assumed'}
        </Fact>
        {scans ? <Fact name="Scans">{scans}</Fact> : null}
        {filter ? <Fact name="Over time">{filter}</Fact> : null}
        {spread === null ? null : (
          <Fact name="Width from it">
            {`±${(1000 * spread).toFixed(1)} mm a joint and axis${bridged ? ', bridged' : ''}`}
          </Fact>
        )}
        <Fact name="Hands, feet">
          <span title="No joint tells of hands, feet and toes: they follow the body model’s usual pose.">
            the body’s prior only
          </span>
        </Fact>
        <Fact name="Settings">version {run.config_version}</Fact>
        {length ? (
          <Fact name="Length">
            {length}
            {run.calibration ? '' : ' (not metric)'}
          </Fact>
        ) : null}
        <Fact name="Scale">
          {run.scale.toFixed(3)}
          {run.scale_deviation ? ` ± ${run.scale_deviation.toFixed(3)}` : ''}
        </Fact>
        {run.noise_px ? (
          <Fact name="Scatter of marks">
            <span title="Standard deviation of a visible mark along x or y, as its views say">
              {formatPx(run.noise_px)} px
            </span>
          </Fact>
        ) : null}
        <Fact name="Self-intersections">{fit ? formatNumber(fit.self_intersections) : '–'}</Fact>
        <Fact name="Fitted">
          {formatDateTime(run.created_at)}
          {run.created_by ? `, ${run.created_by.name}` : ''}
        </Fact>
      </dl>
      {fit ? (
        <p className={css.meshes}>
          Mesh of this moment:
          <a className={buttonClass({ size: 'sm' })} href={fitMeshUrl(fit.id, 'obj')} download>
            .obj
          </a>
          <a className={buttonClass({ size: 'sm' })} href={fitMeshUrl(fit.id, 'glb')} download>
            .glb
          </a>
        </p>
      ) : null}
    </PanelSection>
  );
}

/** Everything that is known of the fit at the cursor, and what one may do with it. */
export function SidePanel({ verdicts }: { verdicts: Verdicts }) {
  const { fit } = useWorkbench();
  return (
    <aside className={css.panel} aria-label="Fit details">
      <VerdictPanel verdicts={verdicts} />
      {fit ? (
        <PanelSection title={`This fit · ${formatPx(fit.mean_error_px)} px`}>
          <Marks />
        </PanelSection>
      ) : null}
      <Confidence />
      <ErrorTable />
      <LimbChart />
      <Facts />
    </aside>
  );
}
