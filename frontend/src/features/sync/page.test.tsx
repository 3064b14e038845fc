import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import type { Camera } from '@/shared/api/types';
import { TooltipProvider } from '@/shared/ui';
import { ClockPanel } from './ClockPanel';
import { type Clocks, frameMs, type Picture, ZERO } from './clocks';
import type { CameraOffset } from './queries';
import { useSyncKeys } from './useSyncKeys';
import { Views } from './Views';

const CAMERAS = [1, 2].map((id) => ({ id, name: `cam ${id}`, fps: 25 }) as Camera);
const PICTURES = new Map<number, Picture[]>(
  CAMERAS.map(({ id }) => [
    id,
    Array.from({ length: 50 }, (_, i) => ({ time: i / 25, url: `${id}-${i}`, fine: true })),
  ]),
);
const MEASURED = [
  { camera_id: 2, offset_ms: 80, drift_ppm: 0, confidence: 0.7, measured: true },
] as CameraOffset[];

function Harness() {
  const [clocks, setClocks] = useState<Clocks>({ 2: { offsetMs: 80, driftPpm: 0 } });
  const [selected, setSelected] = useState(2);
  const set = (id: number, offsetMs: number) =>
    setClocks((now) => ({ ...now, [id]: { ...(now[id] ?? ZERO), offsetMs } }));
  useSyncKeys({
    nudge: (count) => {
      const camera = CAMERAS.find((c) => c.id === selected) as Camera;
      set(selected, (clocks[selected] ?? ZERO).offsetMs - count * frameMs(camera));
    },
    select: (number) => setSelected(CAMERAS[number - 1]?.id ?? selected),
    move: vi.fn(),
    jump: vi.fn(),
    enabled: true,
  });
  return (
    <TooltipProvider>
      <Views
        cameras={CAMERAS}
        pictures={PICTURES}
        clocks={clocks}
        time={1}
        selected={selected}
        onSelect={setSelected}
      />
      <ClockPanel
        cameras={CAMERAS}
        clocks={clocks}
        offsets={MEASURED}
        selected={selected}
        mayChange
        onSelect={setSelected}
        onOffset={set}
      />
    </TooltipProvider>
  );
}

const shown = () =>
  CAMERAS.map(({ id }) =>
    screen
      .getByRole('button', { name: new RegExp(`^cam ${id} ?[0-9.]+ s`) })
      .querySelector('img')
      ?.getAttribute('src'),
  );

describe('all cameras at one moment', () => {
  it('shows what each saw under the offsets', () => {
    render(<Harness />);
    expect(shown()).toEqual(['1-25', '2-23']);
  });

  it('follows the arrow keys by source frames of the selected camera', () => {
    render(<Harness />);
    fireEvent.keyDown(window, { key: 'ArrowRight' });
    expect(shown()).toEqual(['1-25', '2-24']);
    fireEvent.keyDown(window, { key: 'ArrowRight', shiftKey: true });
    expect(shown()).toEqual(['1-25', '2-34']);
    fireEvent.keyDown(window, { key: '1' });
    fireEvent.keyDown(window, { key: 'ArrowLeft' });
    expect(shown()).toEqual(['1-24', '2-34']);
  });

  it('takes an offset that is typed, and leaves the arrows to the field', async () => {
    const user = userEvent.setup();
    render(<Harness />);
    const field = screen.getByLabelText('Offset of cam 2 in milliseconds');
    await user.clear(field);
    await user.type(field, '-40{ArrowLeft}{Enter}');
    expect(shown()).toEqual(['1-25', '2-26']);
    expect(screen.getByText('measured +80.0 ms')).toBeTruthy();
  });

  it('says in words and figures how far to trust a measurement', () => {
    render(<Harness />);
    expect(screen.getByText('Likely · 70 %')).toBeTruthy();
  });
});
