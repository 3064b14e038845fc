import { create } from 'zustand';
import type { MeshStyle } from '@/features/fits/bodies/scene/OverlayPainter';

/** How somebody likes to look at bodies; kept while the program is open. */
export interface Prefs {
  layout: 'grid' | 'large';
  style: MeshStyle;
  /** 0 … 1. */
  opacity: number;
  /** Placed joints, the body's, and the lines between them. */
  joints: boolean;
  /** Shows the part of each picture in which the infant is. */
  zoomed: boolean;
  autoRotate: boolean;
  /** Ellipsoids around the joints of the turntable. */
  intervals: boolean;
}

export const usePrefs = create<Prefs>(() => ({
  layout: 'grid',
  style: 'solid',
  opacity: 0.65,
  joints: true,
  zoomed: true,
  autoRotate: false,
  intervals: true,
}));

export const setPrefs = usePrefs.setState;
