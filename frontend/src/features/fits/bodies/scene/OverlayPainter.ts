import {
  BufferAttribute,
  BufferGeometry,
  Camera,
  Color,
  DoubleSide,
  Mesh,
  Scene,
  ShaderMaterial,
  Vector3,
  Vector4,
  WebGLRenderer,
} from 'three';
import type { BodyMesh } from '../model';
import type { Projector } from '../projection';
import type { PosedBody } from '../skinning';
import type { Rect } from '../view';
import { sideColours } from './colours';

export type MeshStyle = 'solid' | 'wire' | 'silhouette';

/** `pixel` holds x, y in the image and the depth in metres; the lens has bent it already. */
const VERTEX = /* glsl */ `
  attribute vec3 pixel;
  uniform vec4 view;
  varying vec3 vNormal;
  varying vec3 vColor;
  void main() {
    vNormal = normal;
    vColor = color;
    vec2 at = (pixel.xy - view.xy) / view.zw;
    // Depth as a perspective camera has it, from .05 to 50 m: linear on the screen.
    float depth = (50.05 - 5.0 / pixel.z) / 49.95;
    gl_Position = vec4(2.0 * at.x - 1.0, 1.0 - 2.0 * at.y, depth, 1.0);
  }
`;

const FRAGMENT = /* glsl */ `
  uniform vec3 forward;
  uniform vec3 flat_color;
  uniform int style;
  varying vec3 vNormal;
  varying vec3 vColor;
  void main() {
    float facing = -dot(normalize(vNormal), forward);
    if (style == 2) { gl_FragColor = vec4(flat_color, 1.0); return; }
    if (style == 1 && facing < 0.0) discard;
    float light = style == 1 ? 1.0 : 0.38 + 0.62 * abs(facing);
    gl_FragColor = vec4(vColor * light, 1.0);
  }
`;

const STYLES: Record<MeshStyle, number> = { solid: 0, wire: 1, silhouette: 2 };

/**
 * Draws a body over pictures. The vertices are projected on the processor, so that every lens model
 * is exact; the graphics card only fills triangles. One painter serves all views of a page: browsers
 * allow few WebGL contexts.
 */
export class OverlayPainter {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new Camera();
  private readonly uniforms = {
    view: { value: new Vector4(0, 0, 1, 1) },
    forward: { value: new Vector3(0, 0, 1) },
    flat_color: { value: new Color(0x9a96ff) },
    style: { value: 0 },
  };
  private readonly material: ShaderMaterial;
  private readonly object: Mesh;
  private geometry = new BufferGeometry();
  private pixels = new Float32Array(0);
  private mesh: BodyMesh | null = null;
  private clipped = false;

  constructor() {
    this.renderer = new WebGLRenderer({ antialias: true, alpha: true });
    this.renderer.setClearColor(0x000000, 0);
    // Asking for errors waits for the compiler, for a long time where there is no graphics card.
    this.renderer.debug.checkShaderErrors = false;
    this.material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      vertexColors: true,
      side: DoubleSide,
      uniforms: this.uniforms,
    });
    this.object = new Mesh(this.geometry, this.material);
    this.object.frustumCulled = false;
    this.scene.add(this.object);
    this.camera.matrixAutoUpdate = false;
  }

  /** Draws the part `view` of the image into `target`, whose pixels are filled whole. */
  paint(
    target: HTMLCanvasElement,
    body: PosedBody,
    projector: Projector,
    view: Rect,
    style: MeshStyle,
  ): void {
    const context = target.getContext('2d');
    if (!context || !target.width || !target.height) return;
    this.use(body.mesh);
    const lost = projector.project(body.positions, this.pixels);
    this.index(body.mesh, lost > 0);
    this.attribute('pixel').needsUpdate = true;
    const normals = this.attribute('normal');
    (normals.array as Float32Array).set(body.normals);
    normals.needsUpdate = true;

    this.uniforms.view.value.set(view.x, view.y, view.width, view.height);
    this.uniforms.forward.value.set(...projector.forward);
    this.uniforms.style.value = STYLES[style];
    this.material.wireframe = style === 'wire';

    const { width, height } = target;
    this.grow(width, height);
    this.renderer.setViewport(0, 0, width, height);
    this.renderer.setScissor(0, 0, width, height);
    this.renderer.setScissorTest(true);
    this.renderer.clear();
    this.renderer.render(this.scene, this.camera);
    const drawn = this.renderer.domElement;
    context.clearRect(0, 0, width, height);
    context.drawImage(drawn, 0, drawn.height - height, width, height, 0, 0, width, height);
  }

  dispose(): void {
    this.geometry.dispose();
    this.material.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private attribute(name: string): BufferAttribute {
    return this.geometry.getAttribute(name) as BufferAttribute;
  }

  private use(mesh: BodyMesh): void {
    if (this.mesh === mesh) return;
    this.mesh = mesh;
    this.geometry.dispose();
    this.geometry = new BufferGeometry();
    this.pixels = new Float32Array(3 * mesh.vertices);
    this.geometry.setAttribute('pixel', new BufferAttribute(this.pixels, 3));
    // Three.js asks every geometry for positions; the shader does not read them.
    this.geometry.setAttribute('position', this.attribute('pixel'));
    this.geometry.setAttribute(
      'normal',
      new BufferAttribute(new Float32Array(3 * mesh.vertices), 3),
    );
    this.geometry.setAttribute('color', new BufferAttribute(sideColours(mesh), 3));
    this.geometry.setIndex(new BufferAttribute(mesh.faces, 1));
    this.clipped = false;
    this.object.geometry = this.geometry;
  }

  /** Leaves out triangles with a corner that has no place in the picture. */
  private index(mesh: BodyMesh, clip: boolean): void {
    if (!clip && !this.clipped) return;
    let faces = mesh.faces;
    if (clip) {
      const lost = (v: number | undefined) => Number.isNaN(this.pixels[3 * (v ?? 0)] ?? 0);
      faces = new Uint32Array(faces.length);
      let used = 0;
      for (let f = 0; f < mesh.faces.length; f += 3) {
        const face = mesh.faces.subarray(f, f + 3);
        if (lost(face[0]) || lost(face[1]) || lost(face[2])) continue;
        faces.set(face, used);
        used += 3;
      }
      faces = faces.slice(0, used);
    }
    this.geometry.setIndex(new BufferAttribute(faces, 1));
    this.clipped = clip;
  }

  private grow(width: number, height: number): void {
    const { width: w, height: h } = this.renderer.domElement;
    if (w >= width && h >= height) return;
    this.renderer.setPixelRatio(1);
    this.renderer.setSize(Math.max(w, width), Math.max(h, height), false);
  }
}
