/** The figure and the cameras in 3D. Loaded only where it is shown: three.js is large. */
import {
  BufferGeometry,
  CanvasTexture,
  Color,
  CylinderGeometry,
  Float32BufferAttribute,
  GridHelper,
  Group,
  type Intersection,
  LinearFilter,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  type Object3D,
  PerspectiveCamera,
  Raycaster,
  Scene,
  SphereGeometry,
  Sprite,
  SpriteMaterial,
  SRGBColorSpace,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { CameraModel } from '@/shared/geometry/cameras';
import { imagePoint, type WorldPoint } from '@/shared/geometry/points';

export interface SceneCamera {
  readonly id: number;
  readonly name: string;
  readonly model: CameraModel;
}

export interface SceneState {
  readonly points: readonly (WorldPoint | null)[];
  readonly cameras: readonly SceneCamera[];
  readonly floorZ: number;
  readonly active: number | null;
  readonly joint: number | null;
}

export interface SceneStyle {
  readonly bones: readonly { a: number; b: number; colour: string }[];
  readonly joints: readonly string[];
  readonly ground: string;
  readonly line: string;
  readonly accent: string;
  readonly text: string;
}

interface Listener {
  onHover(joint: number | null, camera: number | null): void;
  onJoint(joint: number): void;
  onCamera(camera: number): void;
}

const JOINT_RADIUS = 0.013;
const BONE_RADIUS = 0.006;
const UP = new Vector3(0, 1, 0);

export class SceneView {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly eye = new PerspectiveCamera(42, 1, 0.01, 200);
  private readonly controls: OrbitControls;
  private readonly figure = new Group();
  private readonly rig = new Group();
  private readonly joints: Mesh<SphereGeometry, MeshBasicMaterial>[];
  private readonly bones: Mesh<CylinderGeometry, MeshBasicMaterial>[];
  private readonly observer: ResizeObserver;
  private readonly pointer = new Vector2();
  private request = 0;
  private framed = '';
  private last: SceneState | null = null;
  private rigged: readonly unknown[] = [];
  private pressed: { x: number; y: number } | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly style: SceneStyle,
    private readonly listener: Listener,
  ) {
    this.renderer = new WebGLRenderer({ antialias: true, alpha: false });
    this.renderer.setPixelRatio(window.devicePixelRatio || 1);
    this.renderer.setClearColor(new Color(style.ground));
    const { domElement } = this.renderer;
    domElement.tabIndex = -1;
    element.append(domElement);
    this.eye.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.eye, domElement);
    this.controls.addEventListener('change', this.draw);
    const sphere = new SphereGeometry(JOINT_RADIUS, 16, 12);
    this.joints = style.joints.map((colour, i) => {
      const mesh = new Mesh(sphere, new MeshBasicMaterial({ color: colour }));
      mesh.userData = { joint: i };
      return mesh;
    });
    const rod = new CylinderGeometry(BONE_RADIUS, BONE_RADIUS, 1, 8);
    this.bones = style.bones.map(
      ({ colour }) => new Mesh(rod, new MeshBasicMaterial({ color: colour })),
    );
    this.figure.add(...this.joints, ...this.bones);
    this.scene.add(this.figure, this.rig);
    domElement.addEventListener('pointerdown', this.onDown);
    domElement.addEventListener('pointermove', this.onMove);
    domElement.addEventListener('pointerup', this.onUp);
    domElement.addEventListener('pointerleave', this.onLeave);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
    this.resize();
  }

  show(state: SceneState): void {
    this.last = state;
    const key = JSON.stringify([state.cameras.map(({ id }) => id), state.floorZ]);
    this.showFigure(state);
    const rig = [state.active, state.floorZ, ...state.cameras.map(({ model }) => model)];
    if (rig.some((part, i) => part !== this.rigged[i]) || rig.length !== this.rigged.length) {
      this.rigged = rig;
      this.showRig(state);
    }
    if (key !== this.framed) {
      this.framed = key;
      this.frame(state);
    }
    this.draw();
  }

  /** Look at the figure alone, or at everything. */
  come(near: boolean): void {
    if (this.last !== null) this.frame(this.last, near);
    this.draw();
  }

  close(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.request);
    this.controls.dispose();
    this.scene.traverse(dispose);
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }

  private readonly draw = (): void => {
    if (this.request !== 0) return;
    this.request = requestAnimationFrame(() => {
      this.request = 0;
      this.renderer.render(this.scene, this.eye);
    });
  };

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height, false);
    this.eye.aspect = width / height;
    this.eye.updateProjectionMatrix();
    this.draw();
  }

  private showFigure({ points, joint }: SceneState): void {
    this.joints.forEach((mesh, i) => {
      const point = points[i] ?? null;
      mesh.visible = point !== null;
      if (point !== null) mesh.position.set(point.x, point.y, point.z);
      mesh.scale.setScalar(i === joint ? 1.9 : 1);
    });
    this.bones.forEach((mesh, i) => {
      const bone = this.style.bones[i];
      const a = bone === undefined ? null : (points[bone.a] ?? null);
      const b = bone === undefined ? null : (points[bone.b] ?? null);
      mesh.visible = a !== null && b !== null;
      if (a === null || b === null) return;
      const from = new Vector3(a.x, a.y, a.z);
      const way = new Vector3(b.x, b.y, b.z).sub(from);
      mesh.position.copy(from).addScaledVector(way, 0.5);
      mesh.scale.set(1, way.length(), 1);
      mesh.quaternion.setFromUnitVectors(UP, way.normalize());
    });
  }

  private showRig({ cameras, active, floorZ }: SceneState): void {
    this.rig.traverse(dispose);
    this.rig.clear();
    const centres = cameras.map(({ model }) => vector(model.centre));
    const middle = new Vector3();
    for (const centre of centres) middle.addScaledVector(centre, 1 / Math.max(1, centres.length));
    middle.z = floorZ;
    const reach = Math.max(0.5, ...centres.map((centre) => centre.distanceTo(middle)));
    const grid = new GridHelper(Math.ceil(reach * 2), Math.ceil(reach * 2) * 2);
    grid.material = new LineBasicMaterial({
      color: this.style.line,
      transparent: true,
      opacity: 0.5,
    });
    grid.rotation.x = Math.PI / 2;
    grid.position.set(middle.x, middle.y, floorZ);
    this.rig.add(grid);
    for (const camera of cameras) {
      this.rig.add(this.frustum(camera, reach * 0.22, camera.id === active));
    }
  }

  private frustum({ id, name, model }: SceneCamera, depth: number, active: boolean): Group {
    const group = new Group();
    const centre = vector(model.centre);
    const { width, height } = model;
    const corners = [
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ].map(([x = 0, y = 0]) =>
      centre.clone().addScaledVector(vector(model.ray(imagePoint(x, y))), depth),
    ) as [Vector3, Vector3, Vector3, Vector3];
    const lines: Vector3[] = [];
    corners.forEach((corner, i) => {
      lines.push(centre, corner, corner, corners[(i + 1) % 4] as Vector3);
    });
    // A roof over the upper edge shows which way is up.
    const [a, b] = corners;
    const top = a.clone().add(b).multiplyScalar(0.5);
    const peak = top.clone().addScaledVector(a.clone().sub(corners[3]), 0.25);
    lines.push(a, peak, peak, b);
    const color = active ? this.style.accent : this.style.text;
    const geometry = new BufferGeometry().setFromPoints(lines);
    group.add(new LineSegments(geometry, new LineBasicMaterial({ color })));
    const [c, d] = [corners[2], corners[3]];
    const faces = [centre, a, b, centre, b, c, centre, c, d, centre, d, a, a, b, c, a, c, d];
    const hull = new BufferGeometry();
    const flat = faces.flatMap(({ x, y, z }) => [x, y, z]);
    hull.setAttribute('position', new Float32BufferAttribute(flat, 3));
    const fill = new MeshBasicMaterial({
      color,
      transparent: true,
      opacity: active ? 0.22 : 0.06,
      side: 2,
      depthWrite: false,
    });
    const body = new Mesh(hull, fill);
    body.userData = { camera: id };
    group.add(body, this.label(name, centre, depth, active));
    return group;
  }

  private label(name: string, at: Vector3, size: number, active: boolean): Sprite {
    const canvas = document.createElement('canvas');
    // About as many pixels as the name takes on the screen: shrunk ones look doubled.
    const ratio = Math.min(2, Math.ceil(window.devicePixelRatio || 1));
    canvas.width = 128 * ratio;
    canvas.height = 32 * ratio;
    const context = canvas.getContext('2d');
    if (context !== null) {
      context.font = `${active ? '600' : '500'} 16px "Inter Variable", system-ui, sans-serif`;
      context.scale(ratio, ratio);
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.lineJoin = 'round';
      context.lineWidth = 4;
      context.strokeStyle = this.style.ground;
      context.strokeText(name, 64, 16, 125);
      context.fillStyle = this.style.text;
      context.fillText(name, 64, 16, 125);
    }
    const map = new CanvasTexture(canvas);
    map.colorSpace = SRGBColorSpace;
    map.generateMipmaps = false;
    map.minFilter = LinearFilter;
    const sprite = new Sprite(
      new SpriteMaterial({ map, depthTest: false, sizeAttenuation: false }),
    );
    sprite.position.copy(at);
    sprite.position.z += size * 0.55;
    sprite.scale.set(0.34, 0.085, 1);
    return sprite;
  }

  /** Everything in view, from above one side. */
  private frame({ points, cameras, floorZ }: SceneState, near = false): void {
    const known = points.filter((point) => point !== null).map(vector);
    const centres = cameras.map(({ model }) => vector(model.centre));
    const target = new Vector3();
    const about = known.length > 0 ? known : centres;
    for (const point of about) target.addScaledVector(point, 1 / Math.max(1, about.length));
    if (known.length === 0) target.z = floorZ;
    const reach = Math.max(0.6, ...centres.map((centre) => centre.distanceTo(target)));
    this.controls.target.copy(target);
    const figure = Math.max(0.3, ...known.map((point) => point.distanceTo(target)));
    // As near as all cameras and their names allow.
    const place = new Vector3();
    const from = between(centres, target);
    for (let far = near ? (figure * 1.9) / reach : 0.8; far < 3; far += 0.1) {
      this.eye.position.copy(target).addScaledVector(from, reach * far);
      this.eye.lookAt(target);
      this.eye.updateMatrixWorld();
      const outside = centres.some((centre) => {
        const { x, y, z } = place.copy(centre).project(this.eye);
        // What lies behind the eye is projected too, upside down.
        return Math.abs(x) > 0.8 || Math.abs(y) > 0.82 || z > 1;
      });
      if (near || !outside) break;
    }
    this.controls.update();
  }

  private hit(event: PointerEvent): { joint: number | null; camera: number | null } {
    const { left, top, width, height } = this.renderer.domElement.getBoundingClientRect();
    this.pointer.set(
      ((event.clientX - left) / width) * 2 - 1,
      1 - ((event.clientY - top) / height) * 2,
    );
    const ray = new Raycaster();
    ray.setFromCamera(this.pointer, this.eye);
    const found = (objects: Object3D[]): Intersection | undefined =>
      ray.intersectObjects(objects, true)[0];
    // Joints are small: what lies near the ray counts.
    let joint: number | null = null;
    let nearest = 0.03;
    for (const mesh of this.joints) {
      const away = mesh.visible ? ray.ray.distanceToPoint(mesh.position) : Number.POSITIVE_INFINITY;
      if (away < nearest) {
        nearest = away;
        joint = mesh.userData.joint as number;
      }
    }
    const camera = found(this.rig.children)?.object.userData.camera as number | undefined;
    return { joint, camera: joint === null ? (camera ?? null) : null };
  }

  private readonly onDown = (event: PointerEvent): void => {
    this.pressed = { x: event.clientX, y: event.clientY };
  };

  private readonly onMove = (event: PointerEvent): void => {
    if (event.buttons !== 0) return;
    const { joint, camera } = this.hit(event);
    this.renderer.domElement.style.cursor = joint === null && camera === null ? 'grab' : 'pointer';
    this.listener.onHover(joint, camera);
  };

  private readonly onUp = (event: PointerEvent): void => {
    const from = this.pressed;
    this.pressed = null;
    if (from === null || Math.hypot(event.clientX - from.x, event.clientY - from.y) > 4) return;
    const { joint, camera } = this.hit(event);
    if (joint !== null) this.listener.onJoint(joint);
    else if (camera !== null) this.listener.onCamera(camera);
  };

  private readonly onLeave = (): void => this.listener.onHover(null, null);
}

/** From where to look so that no camera stands in the way: over the widest gap between two. */
function between(centres: readonly Vector3[], target: Vector3): Vector3 {
  const angles = centres.map(({ x, y }) => Math.atan2(y - target.y, x - target.x));
  angles.sort((a, b) => a - b);
  let [widest, middle] = [0, -Math.PI / 2];
  angles.forEach((angle, i) => {
    const next = angles[i + 1] ?? (angles[0] as number) + 2 * Math.PI;
    if (next - angle <= widest) return;
    widest = next - angle;
    middle = (angle + next) / 2;
  });
  return new Vector3(1.1 * Math.cos(middle), 1.1 * Math.sin(middle), 0.85);
}

const vector = ({ x, y, z }: { x: number; y: number; z: number }): Vector3 => new Vector3(x, y, z);

function dispose(object: Object3D): void {
  if (object instanceof Mesh || object instanceof LineSegments) {
    object.geometry.dispose();
    for (const material of [object.material].flat()) material.dispose();
  } else if (object instanceof Sprite) {
    object.material.map?.dispose();
    object.material.dispose();
  }
}
