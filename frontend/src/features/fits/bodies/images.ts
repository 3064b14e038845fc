/** Pictures of frames, kept decoded while one scrubs to and fro. */
export class ImageShelf {
  private readonly images = new Map<string, Promise<HTMLImageElement>>();
  private readonly ready = new Map<string, HTMLImageElement>();

  constructor(private readonly most = 240) {}

  /** The picture if it is here already. */
  now(url: string): HTMLImageElement | null {
    return this.ready.get(url) ?? null;
  }

  load(url: string): Promise<HTMLImageElement> {
    const known = this.images.get(url);
    if (known) return known;
    const image = new Image();
    image.src = url;
    const loading = image.decode().then(
      () => {
        this.ready.set(url, image);
        return image;
      },
      (error: unknown) => {
        this.images.delete(url);
        throw error;
      },
    );
    this.images.set(url, loading);
    if (this.images.size > this.most) this.drop(this.images.keys().next().value ?? '');
    return loading;
  }

  private drop(url: string): void {
    this.images.delete(url);
    this.ready.delete(url);
  }
}
