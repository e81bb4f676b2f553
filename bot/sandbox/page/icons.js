/** The page's icons, drawn here: lines on a field of 24 by 24. */

import { el } from "./nodes.js";

const PATHS = {
  hash: "M10 3 8 21M16 3l-2 18M4 9h17M3 15h17",
  thread: "M6 3v7a4 4 0 0 0 4 4h9M15 10l4 4-4 4",
  speaker: "M4 9v6h4l5 5V4L8 9zM17 8a5 5 0 0 1 0 8",
  news: "M4 10v5h3l8 5V5L7 10zM19 9v7",
  forum: "M4 5h16v11H9l-5 4z",
  lock: "M6 11h12v9H6zM9 11V7a3 3 0 0 1 6 0v4",
  at: "M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zm0-3.5V13a2.5 2.5 0 0 0 5 0v-1a8.5 8.5 0 1 0-3.5 6.9",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6",
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M5 5l14 14M19 5 5 19",
  down: "M6 9l6 6 6-6",
  right: "M9 6l6 6-6 6",
  reply: "M10 5 4 11l6 6M4 11h9a7 7 0 0 1 7 7v1",
  edit: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  more: "M5 11v2M12 11v2M19 11v2",
  plus: "M12 5v14M5 12h14",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  send: "M4 4l17 8-17 8 3-8zM7 12h14",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zm13 0a3 3 0 1 1-6 0 3 3 0 0 1 6 0z",
  chat: "M4 5h16v12H9l-5 4z",
  check: "M4 12l6 6L20 6",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
};

/**
 * An icon, which says nothing to a screen reader.
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return el("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: PATHS[name] }));
}
