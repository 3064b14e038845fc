/**
 * Where a file lay in the folder that was chosen or dropped: `left/03.jpg`. Browsers say it only
 * for folders that were chosen by their dialog, hence the memory.
 */
const paths = new WeakMap<File, string>();

/** The path within what was given; the file's name where it was given by itself. */
export function pathOf(file: File): string {
  return paths.get(file) ?? (file.webkitRelativePath || file.name);
}

function withPath(file: File, path: string): File {
  paths.set(file, path);
  return file;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** All entries of a folder; a browser gives them in portions, the last one empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (!some.length) return found;
    found.push(...some);
  }
}

async function walk(entry: FileSystemEntry): Promise<File[]> {
  if (entry.name.startsWith('.')) return [];
  if (entry.isFile) {
    const file = await fileOf(entry as FileSystemFileEntry);
    return [withPath(file, entry.fullPath.replace(/^\//, ''))];
  }
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(inside.map(walk))).flat();
}

/** Everything that was dropped, folders opened; must be called while the event is handled. */
export function droppedFiles(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (!entries.length) return Promise.resolve([...data.files]);
  return Promise.all(entries.map(walk)).then((files) => files.flat());
}
