import { Pencil } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Cover } from '@/features/recordings/parts/Cover';
import type { Camera, RecordingDetail } from '@/shared/api/types';
import {
  CONSENT_LABELS,
  labelOf,
  SCOPE_LABELS,
  SEX_LABELS,
  SOURCE_LABELS,
} from '@/shared/domain/words';
import { count, formatAge, formatDate, formatDuration, formatNumber } from '@/shared/lib/format';
import { IconButton, Notice } from '@/shared/ui';
import { FactsDialog } from './FactsDialog';
import { Motion } from './Motion';
import { Parts } from './Parts';
import { People } from './People';
import { PostureFacts } from './PostureFacts';
import { prelabelOrigin } from './prelabelOrigin';
import css from './SideColumn.module.css';

function Section({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={css.section} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {action}
      </header>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CameraLine({ camera }: { camera: Camera }) {
  const facts = [
    camera.width && camera.height ? `${camera.width} × ${camera.height}` : null,
    camera.fps ? `${Math.round(camera.fps * 100) / 100} fps` : null,
    camera.duration_s ? formatDuration(camera.duration_s) : null,
    camera.rotation ? `rotated by ${camera.rotation}°` : null,
    count(camera.frames, 'frame'),
  ];
  return (
    <li>
      <strong>{camera.name}</strong>
      <span>{facts.filter(Boolean).join(' · ')}</span>
      {camera.source_filename ? (
        <span title={camera.files.map((f) => f.filename).join(', ') || camera.source_filename}>
          {camera.source_filename}
        </span>
      ) : null}
      {camera.remarks.length ? (
        <ul className={css.remarks} aria-label={`What was found in the files of ${camera.name}`}>
          {camera.remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Boxes({ recording }: { recording: RecordingDetail }) {
  const { boxes } = recording;
  if (boxes.total === 0) return null;
  return (
    <Section title="Boxes">
      <dl className={css.facts}>
        <Fact name="Made">{formatNumber(boxes.total)}</Fact>
        <Fact name="Approved">{formatNumber(boxes.approved)}</Fact>
        {boxes.flagged ? <Fact name="Doubtful">{formatNumber(boxes.flagged)}</Fact> : null}
        {boxes.sent_back ? <Fact name="Sent back">{formatNumber(boxes.sent_back)}</Fact> : null}
        {boxes.stale ? <Fact name="Older than joints">{formatNumber(boxes.stale)}</Fact> : null}
      </dl>
    </Section>
  );
}

/** Who has it, what is known about it, and what it was recorded with. */
export function SideColumn({ recording }: { recording: RecordingDetail }) {
  const [editing, setEditing] = useState(false);
  const { infant, quality } = recording;
  const origin = prelabelOrigin(recording);
  return (
    <aside className={css.side} aria-label="Facts">
      <Cover frameId={recording.cover_frame_id} width="100%" />
      <Section title="People">
        <People recording={recording} />
      </Section>
      <Parts recording={recording} />
      <Section
        title="Facts"
        action={
          recording.can.manage ? (
            <IconButton label="Edit facts" size="sm" onClick={() => setEditing(true)}>
              <Pencil size={14} />
            </IconButton>
          ) : null
        }
      >
        <dl className={css.facts}>
          <Fact name="Infant">
            {infant.pseudonym}
            {infant.sex ? `, ${labelOf(SEX_LABELS, infant.sex).toLowerCase()}` : ''}
          </Fact>
          <Fact name="Age">
            {recording.age_months === null ? 'Unknown' : formatAge(recording.age_months)}
          </Fact>
          <Fact name="Source">{labelOf(SOURCE_LABELS, recording.source)}</Fact>
          <Fact name="Consent">
            {recording.family_consent ? (
              <>
                {recording.family_consent.scope === 'none'
                  ? 'Taken back'
                  : SCOPE_LABELS[recording.family_consent.scope]}
                , by the family’s entry of {formatDate(recording.family_consent.given_on)}
              </>
            ) : (
              labelOf(CONSENT_LABELS, recording.consent)
            )}
          </Fact>
          <Fact name="Imported">{formatDate(recording.created_at)}</Fact>
          <Fact name="Round">{recording.round}</Fact>
          <Fact name="Pre-labels">
            {recording.prelabel_model ?? 'None yet'}
            {recording.prelabel_sha256 ? (
              <>
                {' '}
                <code title={`SHA-256 ${recording.prelabel_sha256}`}>
                  {recording.prelabel_sha256.slice(0, 8)}
                </code>
              </>
            ) : null}
            {recording.prelabel_boxes_from ? `, boxes from ${recording.prelabel_boxes_from}` : ''}
          </Fact>
          {quality.near_duplicates ? (
            <Fact name="Near-duplicates">{formatNumber(quality.near_duplicates)}</Fact>
          ) : null}
        </dl>
        {recording.notes ? <p className={css.notes}>{recording.notes}</p> : null}
        {origin ? <p className={css.notes}>{origin}</p> : null}
      </Section>
      <Boxes recording={recording} />
      <Motion recording={recording} />
      <PostureFacts recordingId={recording.id} />
      {recording.cameras_list.length ? (
        <Section title={recording.cameras_list.length === 1 ? 'Camera' : 'Cameras'}>
          <ul className={css.cameras}>
            {recording.cameras_list.map((camera) => (
              <CameraLine key={camera.id} camera={camera} />
            ))}
          </ul>
          {recording.uneven_cameras ? (
            <Notice tone="warn">{recording.uneven_cameras}</Notice>
          ) : null}
        </Section>
      ) : null}
      {editing ? <FactsDialog recording={recording} onClose={() => setEditing(false)} /> : null}
    </aside>
  );
}
