import { UserRound } from 'lucide-react';
import { cx } from './cx';
import { useLook } from './people';
import css from './small.module.css';

interface AvatarProps {
  name: string | null | undefined;
  /** Diameter in pixels. */
  size?: number;
}

/** Decoration: the name itself stands beside it or in a tooltip. */
export function Avatar({ name, size = 22 }: AvatarProps) {
  const { letters, colour } = useLook(name ?? '');
  const share = letters.length > 2 ? 0.34 : 0.42;
  const style = {
    width: size,
    height: size,
    fontSize: Math.max(letters.length > 2 ? 8 : 9, Math.round(size * share)),
  };
  if (!name) {
    return (
      <span className={cx(css.avatar, css.nobody)} style={style} aria-hidden>
        <UserRound size={Math.round(size * 0.55)} />
      </span>
    );
  }
  return (
    <span
      className={css.avatar}
      style={{ ...style, background: colour, color: '#fff' }}
      aria-hidden
    >
      {letters}
    </span>
  );
}

/** Avatar and name; an em dash's worth of words for nobody. */
export function PersonName({
  name,
  nobody = 'Nobody yet',
  size,
}: {
  name: string | null | undefined;
  nobody?: string;
  size?: number;
}) {
  return (
    <span className={css.person} style={name ? undefined : { color: 'var(--text-3)' }}>
      <Avatar name={name} size={size} />
      <span>{name ?? nobody}</span>
    </span>
  );
}
