"""Body models: the file format, reading licensed ones, meshes, and which ones are here."""
