/** Opening a thread from a message: a dialog that asks for its name. */

import { plain } from "./markdown.js";
import { el } from "./nodes.js";
import { session } from "./session.js";
import { go } from "./view.js";

/**
 * Ask for a name, open the thread, and go there.
 * @param {any} message
 */
export function askForThread(message) {
  const input = el("input", { type: "text", id: "thread-name", maxlength: "100", required: true, autocomplete: "off" });
  input.value = plain(message.content).slice(0, 40);
  const problem = el("p", { class: "problem", role: "alert" });
  const dialog = el(
    "dialog", { class: "dialog", "aria-labelledby": "thread-title" },
    el(
      "form", { onsubmit: create },
      el("h2", { id: "thread-title" }, "Create Thread"),
      el("label", { for: "thread-name" }, "Thread name"), input, problem,
      el(
        "div", { class: "dialog-buttons" },
        el("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, "Cancel"),
        el("button", { type: "submit", class: "button primary" }, "Create Thread"),
      ),
    ),
  );

  /** @param {Event} event */
  async function create(event) {
    event.preventDefault();
    const client = /** @type {import("./client.js").Client} */ (session.client);
    const path = `/channels/${message.channel_id}/messages/${message.id}/threads`;
    try {
      const thread = await client.rest("POST", path, { name: input.value.trim() });
      client.learn("THREAD_CREATE", thread);
      dialog.close();
      go(thread.guild_id, thread.id);
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  }

  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  input.select();
}
