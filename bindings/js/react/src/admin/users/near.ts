/** Notices elements that come near the view, and those that leave it. */

/** How near, in pixels. */
const MARGIN = 1200;

const listeners = new WeakMap<Element, (isNear: boolean) => void>();

// One observer for all elements costs less than one for each.
let observer: IntersectionObserver | undefined;

function shared(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
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
    shared().unobserve(element);
  };
}
