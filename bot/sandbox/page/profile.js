/** The card that opens by a click on a name: who somebody is, their roles, and a way to write to them. */

import { icon } from "./icons.js";
import { message, openMenu } from "./menu.js";
import { el } from "./nodes.js";
import { avatar, colours } from "./people.js";
import { session } from "./session.js";
import { inFull } from "./times.js";
import { here } from "./view.js";

/**
 * Show somebody's card.
 * @param {string} userId
 */
export function openProfile(userId) {
  const store = session.client?.store;
  const user = store?.users.get(userId);
  if (!store || !user) return;
  const member = store.guilds.get(here.guildId ?? "")?.members.get(userId);
  const name = store.userName(userId, here.guildId);
  const roles = store.rolesOf(member).map((role) => el("li", role.color ? colours(`#${role.color.toString(16).padStart(6, "0")}`) : {}, el("i", { "aria-hidden": "true" }), role.name));
  const isMe = userId === session.client?.me.id;
  const more = el("button", { type: "button", class: "button secondary", "aria-haspopup": "menu", "aria-label": "More" }, icon("more"));
  more.addEventListener("click", () => openMenu("user", user, more));
  const dialog = el(
    "dialog", { class: "dialog profile", "aria-labelledby": "profile-name" },
    el("button", { type: "button", class: "dialog-close", "aria-label": "Close", onclick: () => dialog.close() }, icon("close")),
    avatar(user, name),
    el("h2", { id: "profile-name" }, name, user.bot && el("span", { class: "app" }, "APP")),
    el("p", { class: "handle" }, user.username),
    member && el("p", {}, el("strong", {}, "Member since "), inFull(new Date(member.joined_at))),
    roles.length > 0 && el("ul", { class: "roles", "aria-label": "Roles" }, ...roles),
    el(
      "div", { class: "dialog-buttons" },
      !isMe && el("button", { type: "button", class: "button primary", onclick: write }, "Message"),
      more,
    ),
  );

  function write() {
    dialog.close();
    void message(userId);
  }

  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (/** @type {Event} */ event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = /** @type {Element} */ (event.target).closest(".opens-profile, .mention.user");
  const id = opener?.getAttribute("data-user");
  if (id) openProfile(id);
});
