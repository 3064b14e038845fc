import { useId } from 'react';
import { FRAME_STATE_LABELS, type ShownState } from '@/shared/domain/words';

interface FrameStateDotProps {
  state: ShownState;
  /** Adds the small dot of an open comment. */
  commented?: boolean;
  /** Side in pixels. */
  size?: number;
  /** Leaves out the accessible name where the word stands beside it. */
  decorative?: boolean;
}

/**
 * The sign of a frame's state; the shape says the same as the colour:
 * undecided = ring, accepted = tick, corrected = diamond, discarded = hatched square,
 * to revise = arrow back.
 */
export function FrameStateDot({ state, commented, size = 14, decorative }: FrameStateDotProps) {
  const name = FRAME_STATE_LABELS[state] + (commented ? ', with comments' : '');
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      style={{ flex: 'none' }}
      role="img"
      aria-label={name}
      aria-hidden={decorative || undefined}
    >
      <Shape state={state} />
      {commented ? (
        <circle
          cx="13"
          cy="3"
          r="3"
          fill="var(--state-commented)"
          stroke="var(--bg-raised)"
          strokeWidth="1"
        />
      ) : null}
    </svg>
  );
}

function Shape({ state }: { state: ShownState }) {
  const id = useId();
  switch (state) {
    case 'accepted':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="var(--state-accepted)" />
          <path d="M4.8 8.2 7 10.4l4.2-4.6" stroke="#fff" strokeWidth="1.8" strokeLinecap="round" />
        </>
      );
    case 'corrected':
      return (
        <>
          <path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="var(--state-corrected)" />
          <path d="M6 10l.4-1.8 3.2-3.2 1.4 1.4-3.2 3.2L6 10Z" fill="#fff" />
        </>
      );
    case 'discarded':
      return (
        <>
          <defs>
            <pattern id={id} width="3.2" height="3.2" patternUnits="userSpaceOnUse">
              <path
                d="M-1 1 1-1M0 3.2 3.2 0M2.2 4.2 4.2 2.2"
                stroke="var(--state-discarded)"
                strokeWidth="1"
              />
            </pattern>
          </defs>
          <rect
            x="1.5"
            y="1.5"
            width="13"
            height="13"
            rx="2"
            fill={`url(#${id})`}
            stroke="var(--state-discarded)"
            strokeWidth="1.3"
          />
        </>
      );
    case 'returned':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="var(--state-returned)" />
          <path
            d="M7.2 4.6 4.4 7.2l2.8 2.6M4.6 7.2h4.2a2.3 2.3 0 0 1 0 4.6H7"
            stroke="#fff"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      );
    default:
      return <circle cx="8" cy="8" r="6" stroke="var(--state-undecided)" strokeWidth="1.8" />;
  }
}

/** The state to show for a frame: a request to revise comes before the rest. */
export function shownState(frame: {
  state: Exclude<ShownState, 'returned'>;
  returned: boolean;
}): ShownState {
  return frame.returned ? 'returned' : frame.state;
}
