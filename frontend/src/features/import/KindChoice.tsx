import { FileJson, Images, Video } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import type { ImportKind } from './draft';
import css from './ImportPage.module.css';

const KINDS = [
  {
    kind: 'video',
    Icon: Video,
    title: 'Video',
    help: 'One file, or one per camera of a visit, recorded at the same time.',
  },
  {
    kind: 'images',
    Icon: Images,
    title: 'Images',
    help: 'Frames that you already have: a zip, or the files themselves.',
  },
  {
    kind: 'labels',
    Icon: FileJson,
    title: 'Labels and images',
    help: 'Joints from COCO, CVAT, Label Studio, SLEAP, DeepLabCut …, used as pre-labels to check.',
  },
] as const;

export function KindChoice({
  kind,
  onChange,
}: {
  kind: ImportKind;
  onChange: (kind: ImportKind) => void;
}) {
  return (
    <RadioGroup.Root
      className={css.kinds}
      value={kind}
      aria-label="What do you have?"
      onValueChange={(next) => onChange(next as ImportKind)}
    >
      {KINDS.map(({ kind: value, Icon, title, help }) => (
        <RadioGroup.Item key={value} value={value} className={css.kind}>
          <Icon size={18} aria-hidden />
          <strong>{title}</strong>
          <span>{help}</span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
