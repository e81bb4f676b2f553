/** Tells a screen reader of what happens without being asked. */

const region = /** @type {HTMLElement} */ (document.getElementById("announcer"));
const KEPT = 5;

/**
 * Say something once what is being said is over.
 * @param {string} text
 */
export function announce(text) {
  const line = document.createElement("p");
  line.textContent = text.slice(0, 300);
  region.append(line);
  while (region.children.length > KEPT) region.firstChild?.remove();
}
