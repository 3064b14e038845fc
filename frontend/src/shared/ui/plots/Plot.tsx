import { type ReactNode, useRef } from 'react';
import { useSize } from '@/shared/ui/useSize';
import css from './plots.module.css';

interface PlotProps {
  /** What is shown, for those who hear it. */
  label: string;
  height: number;
  /** Given the width in CSS pixels. */
  children: (width: number) => ReactNode;
}

/** A drawing as wide as its place, in CSS pixels; its parts can be links. */
export function Plot({ label, height, children }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  return (
    <div ref={box}>
      {width > 0 ? (
        // biome-ignore lint/a11y/useSemanticElements: no fieldset stands in a drawing
        <svg className={css.plot} width={width} height={height} role="group" aria-label={label}>
          {children(width)}
        </svg>
      ) : null}
    </div>
  );
}
