// SPDX-License-Identifier: Apache-2.0
//
// Tells the layout how high the visible part of the window is, so that the
// composer stays above a phone's keyboard.

export function startViewport(): void {
  const view = globalThis.visualViewport;
  if (!view) return;
  const root = document.documentElement;
  const fit = () => {
    root.style.setProperty('--height', `${Math.round(view.height)}px`);
    if (view.offsetTop > 0) scrollTo(0, 0);
  };
  view.addEventListener('resize', fit);
  view.addEventListener('scroll', fit);
  fit();
}
