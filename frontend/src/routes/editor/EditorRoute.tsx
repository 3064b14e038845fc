export default function EditorRoute() {
  return null;
}
