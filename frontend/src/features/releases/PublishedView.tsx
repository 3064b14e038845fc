import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Copy, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Release } from '@/shared/api/types';
import { SCOPE_LABELS } from '@/shared/domain/words';
import { count, formatBytes, formatDateTime, formatNumber, formatShare } from '@/shared/lib/format';
import {
  buttonClass,
  Cell,
  ErrorState,
  HeadCell,
  IconButton,
  Notice,
  SkeletonRows,
  Table,
  toast,
} from '@/shared/ui';
import { FramesLink } from './FramesLink';
import { FacesSection } from './faces/FacesSection';
import css from './Published.module.css';
import { archiveUrl, FILES_SHOWN, filesQuery, fileUrl, releasesQuery } from './queries';
import { Section } from './Section';
import { AUDIENCE_HELP, type Audience } from './words';

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.ok('The hash was copied');
  } catch (error) {
    toast.error('The hash could not be copied', error);
  }
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ release }: { release: Release }) {
  const { content_sha256: hash, published_by: by, published_at: at } = release;
  const { data: all } = useQuery(releasesQuery);
  const before = all?.find(({ id }) => id === release.base_id);
  return (
    <dl className={css.facts}>
      {hash ? (
        <Fact name="Hash of the release">
          <span className={css.hash}>
            <code>{hash}</code>
            <IconButton label="Copy the hash" size="sm" onClick={() => void copy(hash)}>
              <Copy size={14} />
            </IconButton>
          </span>
        </Fact>
      ) : null}
      <Fact name="Published">
        {at ? formatDateTime(at) : ''}
        {by ? ` by ${by.name}` : ''}
      </Fact>
      <Fact name="Audience">
        {SCOPE_LABELS[release.audience]}. {AUDIENCE_HELP[release.audience as Audience]}
      </Fact>
      <Fact name="Licence">{release.licence}</Fact>
      <Fact name="Contact">{release.contact}</Fact>
      {release.doi ? (
        <Fact name="DOI">
          <a href={`https://doi.org/${release.doi}`} target="_blank" rel="noreferrer">
            {release.doi}
          </a>
        </Fact>
      ) : null}
      {release.citation ? <Fact name="Citation">{release.citation}</Fact> : null}
      {release.notes ? <Fact name="Notes">{release.notes}</Fact> : null}
      {release.base_id === null ? null : (
        <Fact name="Follows">
          <Link to="/releases/$releaseId" params={{ releaseId: String(release.base_id) }}>
            {before ? `Version ${before.version}` : 'The version before'}
          </Link>
          ; see{' '}
          <Link to="/releases/$releaseId/changes" params={{ releaseId: String(release.id) }}>
            what changed
          </Link>
        </Fact>
      )}
    </dl>
  );
}

function SplitCounts({ release }: { release: Release }) {
  const all = release.splits.reduce((sum, split) => sum + split.frames, 0);
  const order = release.settings.splitting?.targets?.map(({ name }) => name) ?? [];
  const splits = [...release.splits].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Split</HeadCell>
          <HeadCell numeric>Infants</HeadCell>
          <HeadCell numeric>Frames</HeadCell>
          <HeadCell numeric>Share</HeadCell>
        </tr>
      </thead>
      <tbody>
        {splits.map((split) => (
          <tr key={split.name}>
            <td>{split.name}</td>
            <Cell numeric>
              <FramesLink releaseId={release.id} search={{ split: split.name }}>
                {formatNumber(split.infants)}
              </FramesLink>
            </Cell>
            <Cell numeric>
              <FramesLink releaseId={release.id} search={{ split: split.name }}>
                {formatNumber(split.frames)}
              </FramesLink>
            </Cell>
            <Cell numeric>{formatShare(split.frames, all)}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Files({ release }: { release: Release }) {
  const { data, error, refetch } = useQuery(filesQuery(release.id));
  const withdrawn = release.state === 'withdrawn';
  if (error) {
    return (
      <ErrorState
        title="The files could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={4} />;
  return (
    <>
      <Table>
        <thead>
          <tr>
            <HeadCell>File</HeadCell>
            <HeadCell numeric>Size</HeadCell>
            <HeadCell>SHA-256</HeadCell>
          </tr>
        </thead>
        <tbody>
          {data.map((file) => (
            <tr key={file.path}>
              <td className={css.path}>
                {withdrawn ? (
                  file.path
                ) : (
                  <a href={fileUrl(release.id, file.path)} download={file.path.split('/').at(-1)}>
                    {file.path}
                  </a>
                )}
              </td>
              <Cell numeric>{formatBytes(file.bytes)}</Cell>
              <Cell quiet title={file.sha256}>
                <code className={css.short}>{file.sha256.slice(0, 12)}…</code>
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
      {(release.files ?? 0) > data.length ? (
        <p className={css.quiet}>
          The first {FILES_SHOWN} of {count(release.files ?? 0, 'file')}; the archive holds all.
        </p>
      ) : null}
    </>
  );
}

/** A release that is final. */
export function PublishedView({ release }: { release: Release }) {
  const withdrawn = release.state === 'withdrawn';
  return (
    <div className={css.parts}>
      {withdrawn ? (
        <Notice tone="warn">
          <strong>
            Withdrawn{release.withdrawn_at ? `, ${formatDateTime(release.withdrawn_at)}` : ''}.
          </strong>{' '}
          {release.withdrawn_why} Its files are no longer given out.
          {release.files_removed_at
            ? ` They left the store on ${formatDateTime(release.files_removed_at)}; their hashes stay.`
            : ''}
        </Notice>
      ) : null}
      {release.disagreeing.length && !withdrawn ? (
        <Notice tone="warn">
          <strong>
            {release.disagreeing.length === 1 ? 'The family of ' : 'The families of '}
            {release.disagreeing.join(', ')} {release.disagreeing.length === 1 ? 'agrees' : 'agree'}{' '}
            to it no more.
          </strong>{' '}
          Withdraw this release, tell those who have it, and publish a version without them; see{' '}
          <Link to="/infants" search={{ q: undefined, shown: 'withdrawn', infant: undefined }}>
            Infants
          </Link>
          .
        </Notice>
      ) : null}
      <div className={css.columns}>
        <Section title="About">
          <Facts release={release} />
        </Section>
        <Section title="Splits">
          <SplitCounts release={release} />
        </Section>
      </div>
      <FacesSection release={release} />
      <Section
        title="Files"
        help={`${count(release.files ?? 0, 'file')}, ${formatBytes(release.bytes ?? 0)}`}
        actions={
          withdrawn ? null : (
            <>
              <a href={archiveUrl(release.id, 'zip')} download className={buttonClass()}>
                <Download size={14} aria-hidden />
                Download archive.zip
              </a>
              <a
                href={archiveUrl(release.id, 'tar')}
                download
                className={buttonClass({ variant: 'primary' })}
              >
                <Download size={14} aria-hidden />
                Download archive.tar
              </a>
            </>
          )
        }
      >
        <Files release={release} />
      </Section>
    </div>
  );
}
