import { useEditorParts } from '../store/context';
import css from './layers.module.css';
import { Bones } from './SkeletonLayer';

/** People who are not the infant: faint, and a click makes them the infant. */
export function OthersLayer() {
  const { frame, chosen, camera, show, hovered, mode } = useEditorParts((s) => ({
    frame: s.frame,
    chosen: s.document?.candidateId ?? null,
    camera: s.camera,
    show: s.view.others,
    hovered: s.hover.kind === 'person' ? s.hover.candidateId : null,
    mode: s.mode,
  }));
  if (frame === null || !show || mode === 'boxes') return null;
  return frame.doc.candidates.map((person) => {
    const skeleton = frame.candidates.get(person.id);
    if (person.id === chosen || skeleton === undefined) return null;
    return (
      // biome-ignore lint/a11y/useSemanticElements: a person in a drawing; keys choose with [ and ]
      <g
        key={person.id}
        role="button"
        tabIndex={-1}
        aria-label={`other person, score ${person.score.toFixed(2)}`}
        data-candidate={person.id}
        className={person.id === hovered ? css.otherHovered : css.other}
      >
        <Bones skeleton={skeleton} camera={camera} width={2} />
      </g>
    );
  });
}
