import css from './small.module.css';

interface SkeletonProps {
  width?: number | string;
  height?: number | string;
  radius?: number;
}

/** A grey place where something is about to be. */
export function Skeleton({ width = '100%', height = 16, radius }: SkeletonProps) {
  return <span className={css.skeleton} style={{ width, height, borderRadius: radius }} />;
}

/** Several rows of a list that is being fetched. */
export function SkeletonRows({ rows = 6, height = 32 }: { rows?: number; height?: number }) {
  return (
    <div className={css.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal rows without identity
        <Skeleton key={i} height={height} radius={6} />
      ))}
    </div>
  );
}
