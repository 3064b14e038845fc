// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Address } from './address';
import { rememberedViews, rememberViews, searchFor } from './views';

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/recordings/3/frames/1');
});
afterEach(() => localStorage.clear());

describe('how cameras share the screen', () => {
  it('is nobody’s choice at first', () => {
    expect(rememberedViews()).toEqual({});
  });

  it('is remembered in this browser', () => {
    const settings = { layout: 'grid', scene: false, strip: true, thresholdPx: 12 } as const;
    rememberViews(settings);
    expect(rememberedViews()).toEqual(settings);
  });

  it('is what the address says, before what is remembered', () => {
    rememberViews({ layout: 'grid', scene: true, strip: false, thresholdPx: 15 });
    history.replaceState(null, '', '/recordings/3/frames/1?views=beside');
    expect(rememberedViews().layout).toBe('beside');
  });

  it('ignores what makes no sense', () => {
    localStorage.setItem('infantnet.editor.views', '{"layout":"round","thresholdPx":-3}');
    expect(rememberedViews()).toEqual({});
    localStorage.setItem('infantnet.editor.views', 'broken');
    expect(rememberedViews()).toEqual({});
  });

  it('is named by the address of each frame', () => {
    const address = new Address(3);
    address.search = searchFor('grid');
    address.show(4);
    address.flush();
    expect(`${location.pathname}${location.search}`).toBe('/recordings/3/frames/5?views=grid');
    address.search = searchFor('single');
    address.show(4);
    address.flush();
    expect(location.search).toBe('');
    address.stop();
  });
});
