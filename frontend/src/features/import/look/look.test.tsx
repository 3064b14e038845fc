import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ComponentProps, type ComponentType, useState } from 'react';
import { describe, expect, it } from 'vitest';
import { Categories } from './Categories';
import { type Choices, type FirstPass, NO_CHOICES, toLookAt } from './choices';
import { LookSection } from './LookSection';
import { Odds } from './Odds';

const ANSWERS: FirstPass['odd'][number]['answers'] = [
  { answer: 'map', text: 'they are taken from that folder' },
  { answer: 'skip', text: 'they are left out' },
  { answer: 'cancel', text: 'the import is refused' },
];

const REPORT: FirstPass = {
  file: 'people.json',
  format: 'coco',
  title: 'COCO keypoints',
  videos: [],
  notes: [],
  proposed: 1,
  unclear: 0,
  results: false,
  images: 2,
  people: 1,
  apart: 1,
  names: [],
  categories: [
    {
      id: '5',
      key: '5',
      name: 'caregiver',
      people: 3,
      joints: 14,
      role: 'other',
      told: 'count',
      skeleton: 'CrowdPose, 14 joints',
      taken: false,
      table: [
        { joint: 'left_shoulder', coco: 'left_shoulder' },
        { joint: 'neck', coco: null },
      ],
      absent: ['nose'],
      alternatives: [
        { name: 'crowdpose', title: 'CrowdPose, 14 joints' },
        { name: 'lsp', title: 'Leeds Sports Pose, 14 joints' },
      ],
    },
    {
      id: '7',
      key: '7',
      name: 'infant',
      people: 1,
      joints: 17,
      role: 'infant',
      told: 'coco',
      skeleton: 'COCO, 17 joints',
      taken: true,
      table: [{ joint: 'nose', coco: 'nose' }],
      absent: [],
      alternatives: [],
    },
  ],
  infant_category: '7',
  odd: [
    {
      kind: 'image_other_folder',
      group: 'Images',
      title: 'The file name is there, but in another folder',
      count: 12,
      amount: '12 images',
      places: [
        { image: 'left/1.jpg', annotation: null, where: '', detail: 'found as right/1.jpg' },
        { image: 'left/2.jpg', annotation: null, where: '', detail: 'found as right/2.jpg' },
      ],
      answers: ANSWERS,
      answer: 'skip',
      asks: true,
      text: '',
    },
    {
      kind: 'id_as_text',
      group: 'The file',
      title: 'Ids written as text',
      count: 1,
      amount: '1 id',
      places: [{ image: null, annotation: '3', where: 'annotations[2].id', detail: "'3'" }],
      answers: ANSWERS,
      answer: 'map',
      asks: false,
      text: '',
    },
  ],
  pixels: { rule: 'index', origin: 'whole_numbers', text: 'Joints are whole numbers.' },
  turned: { images: 0, unknown: 0, examples: [], notes: [] },
  refused: null,
};

type Part = ComponentType<ComponentProps<typeof Odds>>;

/** Holds the choices as the page does. */
function Holder({ part: Part, seen }: { part: Part; seen: (choices: Choices) => void }) {
  const [choices, setChoices] = useState(NO_CHOICES);
  seen(choices);
  return <Part report={REPORT} choices={choices} onChange={setChoices} />;
}

function shown(part: Part) {
  let now = NO_CHOICES;
  render(
    <Holder
      part={part}
      seen={(choices) => {
        now = choices;
      }}
    />,
  );
  return () => now;
}

describe('what a first pass found', () => {
  it('is to be looked at where something is lost or guessed, and nothing was chosen', () => {
    expect(toLookAt(REPORT, NO_CHOICES)).toEqual(['The file name is there, but in another folder']);
    expect(toLookAt(REPORT, { ...NO_CHOICES, odd: { image_other_folder: 'skip' } })).toEqual([]);
  });

  it('is to be looked at where nothing tells what pixels labels count', () => {
    const unsure: FirstPass = {
      ...REPORT,
      odd: [],
      pixels: { ...REPORT.pixels, origin: 'assumed' },
      turned: { ...REPORT.turned, unknown: 2 },
    };
    expect(toLookAt(unsure, NO_CHOICES)).toHaveLength(2);
    expect(toLookAt(unsure, { ...NO_CHOICES, pixels: 'index' })).toHaveLength(1);
  });

  it('shows each kind with its count, the first places and what will be done', () => {
    shown(Odds);
    expect(screen.getByText('12 images')).toBeDefined();
    expect(screen.getByText('left/1.jpg')).toBeDefined();
    expect(screen.getByText('and 10 more')).toBeDefined();
    expect(screen.getByText('annotation 3, annotations[2].id')).toBeDefined();
    expect(screen.getAllByText('look at this')).toHaveLength(1);
  });

  it('takes a choice for a kind and says what it does', async () => {
    const choices = shown(Odds);
    const select = screen.getByLabelText(/What to do: The file name is there/);
    await userEvent.selectOptions(select, 'map');
    expect(choices().odd).toEqual({ image_other_folder: 'map' });
    expect(screen.getAllByText('they are taken from that folder.')).toHaveLength(2);
    expect(screen.queryByText('look at this')).toBeNull();
  });

  it('shows which joints are taken and lets another skeleton be chosen', async () => {
    const choices = shown(Categories);
    expect(screen.getByLabelText<HTMLSelectElement>('neck becomes').value).toBe('');
    expect(screen.getByText('Absent: nose.')).toBeDefined();
    expect(screen.getByText('proposed as the infant')).toBeDefined();
    await userEvent.selectOptions(screen.getByLabelText('Skeleton of caregiver'), 'lsp');
    expect(choices().skeletons).toEqual({ '5': 'lsp' });
  });

  it('lets single joints be mapped, each to one place, and taken back', async () => {
    const choices = shown(Categories);
    await userEvent.selectOptions(screen.getByLabelText('neck becomes'), 'left_shoulder');
    expect(choices().joints).toEqual({ '5': { left_shoulder: '', neck: 'left_shoulder' } });
    await userEvent.click(screen.getByRole('button', { name: 'Map as proposed' }));
    expect(choices().joints).toEqual({});
  });

  it('lets the people of a category be the infant, others, or left out', async () => {
    const choices = shown(Categories);
    await userEvent.selectOptions(screen.getByLabelText('Who is caregiver?'), 'infant');
    await userEvent.selectOptions(screen.getByLabelText('Who is infant?'), 'skip');
    expect(choices().people).toEqual({ '5': 'infant', '7': 'skip' });
    await userEvent.selectOptions(screen.getByLabelText('Who is infant?'), '');
    expect(choices().people).toEqual({ '5': 'infant' });
  });

  it('is to be looked at where nothing tells who the infant is', () => {
    const unsure: FirstPass = { ...REPORT, odd: [], unclear: 3 };
    expect(toLookAt(unsure, NO_CHOICES)).toHaveLength(1);
    expect(toLookAt(unsure, { ...NO_CHOICES, unclear: 'smallest' })).toEqual([]);
  });

  it('says why nothing can be imported', () => {
    const look = { report: { ...REPORT, refused: 'no image can be used' }, running: false };
    const client = new QueryClient();
    client.setQueryData(['label-formats'], [{ name: 'cvat', title: 'CVAT for images' }]);
    render(
      <QueryClientProvider client={client}>
        <LookSection
          look={{ ...look, job: null, error: null, again: () => undefined }}
          arrived
          choices={NO_CHOICES}
          onChange={() => undefined}
        />
      </QueryClientProvider>,
    );
    expect(
      screen.getByRole('option', { name: 'As the content tells: COCO keypoints' }),
    ).toBeDefined();
    expect(screen.getByRole('alert').textContent).toContain('no image can be used');
    expect(screen.getByText('1 is kept apart')).toBeDefined();
  });
});
