/** Drawing a list once for all that happened since the last picture; where nobody looks on, nothing is drawn. */

/**
 * A function that has `draw` run before the next picture, once however often it is called.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function soon(draw) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      draw();
    });
  };
}
