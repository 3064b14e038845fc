// Rules need no document, only the address under which a page asks for things.
if (!('location' in globalThis))
  Object.defineProperty(globalThis, 'location', { value: new URL('http://localhost:3000/') });
