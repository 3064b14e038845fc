import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  CanvasTexture,
  Color,
  DirectionalLight,
  GridHelper,
  Group,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshLambertMaterial,
  PerspectiveCamera,
  Scene,
  SphereGeometry,
  Sprite,
  SpriteMaterial,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { EDGES } from '@/shared/domain/rules.gen';
import type { Camera } from '@/shared/geometry/cameras';
import type { BodyMesh } from '../model';
import type { PosedBody } from '../skinning';
import { sideColours } from './colours';
import { ellipsoid } from './ellipsoid';

export interface Ground {
  /** The world's up direction: z where a floor is known, −y where a camera was assumed. */
  up: [number, number, number];
  /** Height of a grid along z: the floor, or a guess at it; null for none. */
  grid: number | null;
}

const FOV = 35;
/** Half of what an infant needs to be seen whole, metres; taller people need more. */
const BODY_REACH = 0.39;
/** How far a body may stand from the middle of the drawn floor, metres. */
const OFF_THE_FLOOR = 0.8;

/** A body seen from all sides, with the floor and the cameras of its recording around it. */
export class Turntable {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly eye = new PerspectiveCamera(FOV, 1, 0.02, 60);
  private controls: OrbitControls;
  private readonly body: Mesh<BufferGeometry, MeshLambertMaterial>;
  private readonly stick: LineSegments<BufferGeometry, LineBasicMaterial>;
  private readonly around = new Group();
  private readonly intervals = new Group();
  private readonly ball = new SphereGeometry(1, 20, 14);
  private readonly shell = new MeshLambertMaterial({
    color: 0xcc79a7,
    transparent: true,
    opacity: 0.5,
    depthTest: false,
  });
  private readonly target = new Vector3();
  private reach = BODY_REACH;
  private floor: GridHelper | null = null;
  private mesh: BodyMesh | null = null;
  /** Whether the view moves along with the body. */
  private follows = true;
  private asked = 0;
  private dark = false;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    // Asking for errors waits for the compiler, for a long time where there is no graphics card.
    this.renderer.debug.checkShaderErrors = false;
    this.controls = this.makeControls(false);
    const material = new MeshLambertMaterial({ vertexColors: true });
    this.body = new Mesh(new BufferGeometry(), material);
    this.body.frustumCulled = false;
    this.stick = new LineSegments(
      new BufferGeometry(),
      new LineBasicMaterial({ color: 0xd55e00, depthTest: false }),
    );
    this.stick.frustumCulled = false;
    this.stick.visible = false;
    // The light comes with the eye, from over its shoulder, whichever way is up in this world.
    const sun = new DirectionalLight(0xffffff, 1.6);
    sun.position.set(0.7, 1.1, 1);
    const fill = new DirectionalLight(0xffffff, 0.5);
    fill.position.set(-1, -0.2, 0.5);
    this.eye.add(sun, fill, sun.target, fill.target);
    sun.target.position.set(0, 0, -1);
    fill.target.position.set(0, 0, -1);
    this.scene.add(
      this.body,
      this.stick,
      this.around,
      this.intervals,
      this.eye,
      new AmbientLight(0xffffff, 0.75),
    );
  }

  /** Builds the surroundings of a recording and looks at the body from a little above. */
  setSession(cameras: readonly Camera[], ground: Ground): void {
    this.around.clear();
    this.eye.up.set(...ground.up);
    this.floor = ground.grid === null ? null : this.grid(ground.grid);
    if (this.floor) this.around.add(this.floor);
    cameras.forEach((camera, i) => {
      if (camera.T_camera_world) this.around.add(frustum(camera, i + 1, this.dark));
    });
    // The controls read the up direction only once.
    const { autoRotate } = this.controls;
    this.controls.dispose();
    this.controls = this.makeControls(autoRotate);
    this.home();
  }

  setTheme(dark: boolean): void {
    this.dark = dark;
  }

  setBody(body: PosedBody, joints: readonly (readonly number[])[]): void {
    const { geometry } = this.body;
    const first = this.mesh !== body.mesh;
    if (first) {
      this.mesh = body.mesh;
      geometry.setAttribute('position', new BufferAttribute(body.positions, 3));
      geometry.setAttribute('normal', new BufferAttribute(body.normals, 3));
      geometry.setAttribute('color', new BufferAttribute(sideColours(body.mesh), 3));
      geometry.setIndex(new BufferAttribute(body.mesh.faces, 1));
    }
    for (const name of ['position', 'normal']) {
      const attribute = geometry.getAttribute(name) as BufferAttribute;
      attribute.needsUpdate = true;
    }
    const bones = EDGES.flatMap(([a, b]) => [...(joints[a] ?? []), ...(joints[b] ?? [])]);
    this.stick.geometry.dispose();
    this.stick.geometry = new BufferGeometry();
    this.stick.geometry.setAttribute('position', new BufferAttribute(new Float32Array(bones), 3));
    this.body.visible = true;
    this.follow(joints);
    if (first) this.home();
    this.draw();
  }

  /** Nothing was fitted here. */
  clearBody(): void {
    this.body.visible = false;
    this.intervals.clear();
    this.draw();
  }

  /**
   * Ellipsoids in which the joints lie with a stated probability.
   *
   * @param covariance Six numbers a joint: xx, xy, xz, yy, yz, zz in square metres.
   * @param radius Standard deviations of the ellipsoids.
   */
  setIntervals(
    joints: readonly (readonly number[])[],
    covariance: readonly (readonly number[])[] | null,
    radius: number,
    on: boolean,
  ): void {
    this.intervals.clear();
    if (on && covariance) {
      joints.forEach(([x = 0, y = 0, z = 0], k) => {
        const ball = new Mesh(this.ball, this.shell);
        ball.matrixAutoUpdate = false;
        ball.matrix.copy(ellipsoid(covariance[k] ?? [], radius)).setPosition(x, y, z);
        this.intervals.add(ball);
      });
    }
    this.intervals.visible = on;
    this.draw();
  }

  setStick(on: boolean): void {
    this.stick.visible = on;
    this.body.material.transparent = on;
    this.body.material.opacity = on ? 0.55 : 1;
    this.draw();
  }

  setAutoRotate(on: boolean): void {
    this.controls.autoRotate = on;
    this.draw();
  }

  /** A look at the whole body from the front right, a little from above. */
  home(): void {
    const flat = Math.abs(this.eye.up.z) > 0.5;
    this.from(flat ? [0.9, -1.2, 0.8] : [0.6, -0.5, -1.4]);
  }

  /** The whole body from a side of the world; `reach` is the half of what must be seen, metres. */
  from(direction: readonly [number, number, number], reach = this.reach): void {
    this.follows = true;
    this.eye.fov = FOV;
    const narrow = Math.tan((FOV * Math.PI) / 360) * Math.min(1, this.eye.aspect);
    this.eye.position
      .copy(this.target)
      .addScaledVector(new Vector3(...direction).normalize(), reach / narrow);
    this.controls.target.copy(this.target);
    this.eye.updateProjectionMatrix();
    this.controls.update();
    this.draw();
  }

  /** Far enough away to see all cameras. */
  overview(): void {
    const places = this.around.children.flatMap((child) => child.userData.place ?? []);
    const far = places.map((place: Vector3) => place.distanceTo(this.target));
    const flat = Math.abs(this.eye.up.z) > 0.5;
    this.from(flat ? [0.9, -1.2, 1.1] : [0.6, -0.5, -1.4], Math.max(this.reach, ...far));
  }

  /** Stands where a camera stands, with its field of view. */
  seeAs(camera: Camera): void {
    const T = camera.T_camera_world;
    if (!T) return;
    const row = (r: number) =>
      new Vector3(...((T[r] ?? []).slice(0, 3) as [number, number, number]));
    const t = [0, 1, 2].map((r) => T[r]?.[3] ?? 0);
    const centre = new Vector3();
    for (let r = 0; r < 3; r++) centre.addScaledVector(row(r), -(t[r] ?? 0));
    const forward = row(2);
    this.follows = false;
    const distance = Math.max(0.2, this.target.clone().sub(centre).dot(forward));
    this.eye.position.copy(centre);
    // The whole width or the whole height of the picture, whichever is the tighter here.
    const fy = camera.K[1]?.[1] ?? camera.height;
    const half = Math.max(camera.height, camera.width / this.eye.aspect) / 2;
    this.eye.fov = (2 * Math.atan(half / fy) * 180) / Math.PI;
    this.controls.target.copy(centre).addScaledVector(forward, distance);
    this.eye.updateProjectionMatrix();
    this.controls.update();
    this.draw();
  }

  resize(width: number, height: number): void {
    if (!width || !height) return;
    this.renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.renderer.setSize(width, height, false);
    this.eye.aspect = width / height;
    this.eye.updateProjectionMatrix();
    this.draw();
  }

  dispose(): void {
    cancelAnimationFrame(this.asked);
    this.controls.dispose();
    this.body.geometry.dispose();
    this.stick.geometry.dispose();
    this.ball.dispose();
    this.shell.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private makeControls(autoRotate: boolean): OrbitControls {
    const controls = new OrbitControls(this.eye, this.canvas);
    controls.autoRotate = autoRotate;
    controls.autoRotateSpeed = 2.4;
    controls.addEventListener('change', () => this.draw());
    return controls;
  }

  private follow(joints: readonly (readonly number[])[]): void {
    const middle = new Vector3();
    for (const [x = 0, y = 0, z = 0] of joints) middle.add(new Vector3(x, y, z));
    middle.divideScalar(Math.max(1, joints.length));
    const step = middle.clone().sub(this.target);
    this.target.copy(middle);
    const far = joints.map(([x = 0, y = 0, z = 0]) => middle.distanceTo(new Vector3(x, y, z)));
    this.reach = Math.max(BODY_REACH, 1.1 * Math.max(0, ...far));
    const floor = this.floor?.position;
    if (floor && Math.hypot(middle.x - floor.x, middle.y - floor.y) > OFF_THE_FLOOR) {
      floor.set(toSquare(middle.x), toSquare(middle.y), floor.z);
    }
    if (!this.follows) return;
    this.eye.position.add(step);
    this.controls.target.add(step);
    this.controls.update();
  }

  private draw(): void {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (this.controls.autoRotate) {
        this.controls.update();
        this.draw();
      }
      this.renderer.render(this.scene, this.eye);
    });
  }

  /** Two metres of floor in squares of 10 cm. */
  private grid(height: number): GridHelper {
    const strong = new Color(this.dark ? 0x5a5d69 : 0x9a9ca8);
    const fine = new Color(this.dark ? 0x2c2e36 : 0xcfd0d8);
    const grid = new GridHelper(2, 20, strong, fine);
    grid.rotation.x = Math.PI / 2;
    grid.position.set(toSquare(this.target.x), toSquare(this.target.y), height);
    return grid;
  }
}

/** The nearest line of the floor's grid. */
function toSquare(metres: number): number {
  return Math.round(metres * 10) / 10;
}

/** A camera as a small pyramid with its number. */
function frustum(camera: Camera, number: number, dark: boolean): Group {
  const T = camera.T_camera_world ?? [];
  const group = new Group();
  const depth = 0.16;
  const [fx = 1, cx = 0] = [camera.K[0]?.[0], camera.K[0]?.[2]];
  const [fy = 1, cy = 0] = [camera.K[1]?.[1], camera.K[1]?.[2]];
  const world = (x: number, y: number, z: number) => {
    const local = [0, 1, 2].map((r) => [x, y, z][r] ?? 0).map((v, r) => v - (T[r]?.[3] ?? 0));
    return [0, 1, 2].map((axis) =>
      local.reduce((sum, v, r) => sum + (T[r]?.[axis] ?? 0) * v, 0),
    ) as [number, number, number];
  };
  const corner = (u: number, v: number) =>
    world(((u - cx) / fx) * depth, ((v - cy) / fy) * depth, depth);
  const { width: w, height: h } = camera;
  const tip = world(0, 0, 0);
  const corners = [corner(0, 0), corner(w, 0), corner(w, h), corner(0, h)];
  const lines = corners.flatMap((c, i) => [tip, c, c, corners[(i + 1) % 4] ?? c]);
  const geometry = new BufferGeometry().setFromPoints(lines.map((p) => new Vector3(...p)));
  const colour = dark ? 0xb3b0ff : 0x5450c4;
  group.add(new LineSegments(geometry, new LineBasicMaterial({ color: colour })));
  const label = sign(String(number), dark);
  label.position.set(...tip);
  group.add(label);
  group.userData.place = new Vector3(...tip);
  return group;
}

function sign(text: string, dark: boolean): Sprite {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d');
  if (context) {
    context.fillStyle = dark ? '#b3b0ff' : '#5450c4';
    context.beginPath();
    context.arc(32, 32, 26, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = dark ? '#131418' : '#ffffff';
    context.font = '600 34px sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(text, 32, 34);
  }
  const material = new SpriteMaterial({ map: new CanvasTexture(canvas), depthTest: false });
  const sprite = new Sprite(material);
  sprite.scale.setScalar(0.09);
  return sprite;
}
