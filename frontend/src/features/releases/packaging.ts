/** What a release can bring along, and what each choice does, in plain words. */
import type { Packaging } from './form';
import type { Audience } from './words';

interface Words {
  label: string;
  help: string;
}

type Choices<T extends string> = Readonly<Record<T, Words>>;

export const IMAGES: Choices<Packaging['images']> = {
  masked: {
    label: 'Yes, with heads masked',
    help: 'Every head that labels know of is masked, of adults as well.',
  },
  stored: {
    label: 'Yes, with faces as they are',
    help: 'Everybody can be recognised. The gate refuses it for the public.',
  },
  none: { label: 'No', help: 'Only the labels are given out.' },
};

export const MASKING: Choices<Packaging['masking']> = {
  blur: { label: 'Blur', help: 'Calmest to look at. Hides whom people would recognise by sight.' },
  pixelate: { label: 'Pixelation', help: 'Squares of one colour. Hides as much as blur.' },
  fill: {
    label: 'Grey',
    help: 'The only one that tells nothing of a face. Choose it where somebody may compare with a list of suspects.',
  },
};

/** Cells across a head that the rule allows. */
export const CELLS: readonly number[] = [2, 3, 4, 5, 6, 7, 8];

export const CODING: Choices<Packaging['coding']> = {
  stored: {
    label: 'As they are stored',
    help: 'JPEG and PNG stay what they are; masked JPEGs are coded again where they changed.',
  },
  jpeg: { label: 'All as JPEG', help: 'One kind of file, smaller than PNG, with some loss.' },
  png: { label: 'All as PNG', help: 'One kind of file without loss, several times as large.' },
};

/** Qualities of JPEG to choose from, as libjpeg counts them. */
export const QUALITIES: readonly number[] = [70, 80, 85, 90, 95, 98];

export const MASKS: Choices<Packaging['masks']> = {
  annotations: {
    label: 'In the annotations',
    help: 'As COCO’s run lengths, which pycocotools decodes.',
  },
  files: {
    label: 'In the annotations and as images',
    help: 'Beside that a grey PNG for each image, under the same name: 255 is the infant.',
  },
};

export const PIXELS: Choices<Packaging['pixels']> = {
  index: {
    label: 'The centre of the first pixel (COCO)',
    help: 'As COCO, mmpose and detectron2 read joints. Half a pixel less than shown here.',
  },
  continuous: {
    label: 'The outer corner of the first pixel',
    help: 'As shown here, and as tools for drawing write. Each file says so.',
  },
};

export const OUTSIDE: Choices<Packaging['outside']> = {
  keep: {
    label: 'Keep them as placed',
    help: 'A hand beyond the edge keeps its place. Some tools refuse such joints.',
  },
  drop: { label: 'Write them as not present', help: 'They become 0, 0, 0 and count as absent.' },
};

/** Further things to bring along; those that the server knows are shown. */
export const EXTRAS: readonly (Words & { key: string })[] = [
  {
    key: 'provenance',
    label: 'Where each joint comes from',
    help: 'provenance.parquet: model, person, inspector and round of every joint. People are numbers.',
  },
  {
    key: 'fits',
    label: 'Body fits',
    help: 'Pose, shape and place of every verified body, as .npz. A stale fit blocks the release.',
  },
  {
    key: 'cameras',
    label: 'Cameras',
    help: 'Lenses and places (intrinsics and extrinsics) of calibrated recordings.',
  },
];

const IMAGES_WORDS: Record<Packaging['images'], (packaging: Packaging) => string> = {
  none: () => 'No images leave.',
  stored: () => 'Images leave with all faces, without metadata.',
  masked: ({ masking, masking_cells: cells }) =>
    masking === 'fill'
      ? 'Images leave without metadata, every known head filled with grey.'
      : `Images leave without metadata, every known head ${masking === 'blur' ? 'blurred' : 'pixelated'} to ${cells} cells across; faces are not to be recognised by sight.`,
};

/** What the choices come to, as sentences. */
export function packed(packaging: Packaging, audience: Audience): string {
  const said = [IMAGES_WORDS[packaging.images](packaging)];
  if (packaging.images === 'stored' && audience === 'public') {
    said.push('The gate will refuse that for the public: mask heads, or leave images out.');
  }
  if (packaging.images !== 'none' && packaging.coding !== 'stored') {
    said.push(
      packaging.coding === 'jpeg'
        ? `All become JPEG of quality ${packaging.jpeg_quality}.`
        : 'All become PNG.',
    );
  }
  said.push(
    packaging.pixels === 'index'
      ? 'Joints are written as COCO counts pixels'
      : 'Joints are written half a pixel more than COCO counts them, and the files say so',
  );
  const outside =
    packaging.outside === 'keep'
      ? '; those beyond the edge keep their place.'
      : '; those beyond the edge are written as not present.';
  return said.join(' ') + outside;
}
