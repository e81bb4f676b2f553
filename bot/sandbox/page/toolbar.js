/** The buttons that stand over a message while it is pointed at or has the focus. */

import { icon } from "./icons.js";
import { actions, openMenu } from "./menu.js";
import { el } from "./nodes.js";

/**
 * The toolbar of a message.
 * @param {any} message
 */
export function toolbar(message) {
  const quick = actions(message).filter((one) => one.quick);
  const buttons = quick.map((one) =>
    el("button", { type: "button", tabindex: "-1", title: one.label, "aria-label": one.label, onclick: one.run }, icon(one.icon)),
  );
  const more = el("button", { type: "button", tabindex: "-1", title: "More", "aria-label": "More", "aria-haspopup": "menu" }, icon("more"));
  more.addEventListener("click", () => openMenu("message", message, more));
  return el("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" }, ...buttons, more);
}
