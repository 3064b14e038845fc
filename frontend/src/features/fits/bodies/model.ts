/** A shaped body at rest, as the server packs it for viewers. */
export interface BodyMesh {
  vertices: number;
  /** Index of each joint's parent; -1 for the root. Parents come before their children. */
  parents: Int32Array;
  /** Rest surface, metres: x, y, z per vertex. */
  rest: Float32Array;
  /** Three vertex indices per triangle. */
  faces: Uint32Array;
  /** The four joints that move a vertex the most, and how much; the weights sum to 1. */
  skinIndex: Uint8Array;
  skinWeight: Float32Array;
  /** Joints of the rest body, metres. */
  restJoints: Float32Array;
}

const MAGIC = 'INFBODY1';

interface Section {
  offset: number;
  type: 'f4' | 'u4' | 'u1';
  shape: number[];
}

interface Header {
  vertices: number;
  faces: number;
  joints: number;
  parents: number[];
  sections: Record<string, Section>;
}

const BYTES = { f4: 4, u4: 4, u1: 1 };

class Sections {
  constructor(
    private readonly buffer: ArrayBuffer,
    private readonly start: number,
    private readonly header: Header,
  ) {}

  private find(name: string, type: Section['type'], shape: number[]): [number, number] {
    const section = this.header.sections[name];
    if (!section) throw new Error(`The body model has no section “${name}”.`);
    if (section.type !== type || section.shape.join() !== shape.join()) {
      throw new Error(
        `The body model's “${name}” is ${section.type} [${section.shape}], not ${type} [${shape}].`,
      );
    }
    const length = shape.reduce((a, b) => a * b, 1);
    const from = this.start + section.offset;
    if (from < this.start || from + length * BYTES[type] > this.buffer.byteLength) {
      throw new Error(`The body model ends within “${name}”.`);
    }
    return [from, length];
  }

  // Copies, because the data begin behind a header of any length and need not be aligned.
  private bytes(name: string, type: Section['type'], shape: number[]): ArrayBuffer {
    const [from, length] = this.find(name, type, shape);
    return this.buffer.slice(from, from + length * BYTES[type]);
  }

  floats(name: string, shape: number[]): Float32Array {
    return new Float32Array(this.bytes(name, 'f4', shape));
  }

  integers(name: string, shape: number[]): Uint32Array {
    return new Uint32Array(this.bytes(name, 'u4', shape));
  }

  small(name: string, shape: number[]): Uint8Array {
    return new Uint8Array(this.bytes(name, 'u1', shape));
  }
}

function readHeader(buffer: ArrayBuffer): [Header, number] {
  const bytes = new Uint8Array(buffer);
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC || bytes.length < 12) throw new Error('This is not a body model.');
  const length = new DataView(buffer).getUint32(8, true);
  const start = 12 + length;
  if (start > bytes.length) throw new Error('The body model ends within its header.');
  const text = new TextDecoder().decode(bytes.subarray(12, start));
  return [JSON.parse(text) as Header, start];
}

/**
 * Reads `model.bin`.
 *
 * @throws Error in words when it is no such file, is cut off, or contradicts itself.
 */
export function parseModel(buffer: ArrayBuffer): BodyMesh {
  const [header, start] = readHeader(buffer);
  const { vertices, faces, joints, parents } = header;
  if (parents.length !== joints || parents.some((p, k) => p >= k || (p < 0 && k > 0))) {
    throw new Error('The body model’s joints are not in a usable order.');
  }
  const sections = new Sections(buffer, start, header);
  const mesh: BodyMesh = {
    vertices,
    parents: Int32Array.from(parents),
    rest: sections.floats('rest', [vertices, 3]),
    faces: sections.integers('faces', [faces, 3]),
    skinIndex: sections.small('skin_index', [vertices, 4]),
    skinWeight: sections.floats('skin_weight', [vertices, 4]),
    restJoints: sections.floats('rest_joints', [joints, 3]),
  };
  if (mesh.faces.some((v) => v >= vertices) || mesh.skinIndex.some((k) => k >= joints)) {
    throw new Error('The body model refers to vertices or joints that it does not have.');
  }
  return mesh;
}
