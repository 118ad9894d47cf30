/** Notices elements that come near the view, and those that leave it. */

/** How near, in pixels. */
const MARGIN = 1200;

const listeners = new WeakMap<Element, (isNear: boolean) => void>();

// Rows near the window are drawn one after another, each in a frame of its own, so that fast scrolling never waits.
const coming = new Set<Element>();

function drawNext(): void {
  const [next] = coming;
  if (next === undefined) return;
  coming.delete(next);
  listeners.get(next)?.(true);
  if (coming.size > 0) requestAnimationFrame(drawNext);
}

// One observer for all elements costs less than one for each.
let observer: IntersectionObserver | undefined;

function shared(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      const isDrawing = coming.size > 0;
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) coming.add(target);
        else if (!coming.delete(target)) listeners.get(target)?.(false);
      }
      if (!isDrawing) drawNext();
    },
    { rootMargin: `${MARGIN}px 0px` },
  );
  return observer;
}

/** Calls a listener when an element comes near or leaves. Returns a function that stops. */
export function whenNear(element: Element, listener: (isNear: boolean) => void): () => void {
  listeners.set(element, listener);
  shared().observe(element);
  return () => {
    listeners.delete(element);
    coming.delete(element);
    shared().unobserve(element);
  };
}
