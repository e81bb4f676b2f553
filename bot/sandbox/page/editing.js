/** Changing an own message where it stands. */

import { fitRows } from "./fitting.js";
import { el } from "./nodes.js";
import { withMentions, withNames } from "./mentions.js";
import { Naming } from "./naming.js";
import { session } from "./session.js";

/** Which message is being changed. */
export const editing = { id: /** @type {string | null} */ (null) };

/**
 * Put a field in the place of a message's text: Enter saves, Escape leaves it as it was.
 * @param {any} message
 */
export function beginEditing(message) {
  endEditing();
  const content = document.getElementById(`content-${message.id}`);
  if (!content) return;
  const field = el("textarea", { class: "edit-field", "aria-label": "Edit your message", rows: "1", maxlength: "4000" });
  const problem = el("p", { class: "problem", role: "alert" });
  const cancel = el("button", { type: "button", class: "as-link", onclick: () => endEditing(true) }, "cancel");
  const save = el("button", { type: "button", class: "as-link", onclick: () => send() }, "save");
  const form = el(
    "div", { class: "edit-form" }, new Naming(field).node, field, problem,
    el("small", {}, "escape to ", cancel, " • enter to ", save),
  );
  editing.id = message.id;
  field.value = withNames(message.content);
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") endEditing(true);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  content.hidden = true;
  content.closest(".message")?.classList.add("editing");
  content.after(form);
  fit();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);

  function fit() {
    fitRows(field, 12);
  }

  async function send() {
    const words = withMentions(field.value.trim());
    if (words === message.content) return endEditing(true);
    if (!words) return void (problem.textContent = "A message cannot be empty. Delete it instead.");
    try {
      await session.client?.rest("PATCH", `/channels/${message.channel_id}/messages/${message.id}`, { content: words });
      endEditing(true);
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  }
}

/**
 * Leave the field, if there is one.
 * @param {boolean} [back] whether the composer gets the focus
 */
export function endEditing(back = false) {
  const form = document.querySelector(".edit-form");
  const id = editing.id;
  editing.id = null;
  if (form) {
    form.previousElementSibling?.removeAttribute("hidden");
    form.closest(".message")?.classList.remove("editing");
    form.remove();
  }
  if (id) document.dispatchEvent(new CustomEvent("edited", { detail: { id } }));
  if (back) document.getElementById("words")?.focus();
}
