/** Who one is: the bar at the bottom left, and the list to choose from. */

import { Client } from "./client.js";
import { icon } from "./icons.js";
import { el } from "./nodes.js";
import { avatar } from "./people.js";
import { firstChannel, sees } from "./places.js";
import { session, use } from "./session.js";
import { go, here, placeOfAddress } from "./view.js";

const KEPT = "account";
const bar = /** @type {HTMLButtonElement} */ (document.getElementById("account"));
const popup = /** @type {HTMLElement} */ (document.getElementById("accounts"));

/** @typedef {{token: string, user: any, about: string, guild_ids: string[]}} Account */
/** @type {Account[]} */
export let accounts = [];

/** Ask whom one may be here, and be the one that was chosen last, or the first. */
export async function begin() {
  const response = await fetch("/api/v10/sandbox/accounts");
  accounts = response.ok ? await response.json() : [];
  if (!accounts.length) return false;
  const kept = sessionStorage.getItem(KEPT);
  await become(accounts.find((one) => one.user.id === kept) ?? accounts[0]);
  return true;
}

/**
 * Log in as an account of the list, and stay in the place if it shows for them.
 * @param {Account} account
 */
export async function become(account) {
  sessionStorage.setItem(KEPT, account.user.id);
  const client = new Client(account.token);
  use(client);
  drawBar(account);
  await client.connect();
  if (session.client !== client) return;
  const wanted = here.channelId ? { ...here, messageId: null } : placeOfAddress();
  if (wanted?.channelId && sees(wanted.channelId)) return go(wanted.guildId, wanted.channelId, wanted.messageId);
  const guilds = client.store.guilds;
  const guildId = wanted?.guildId && guilds.has(wanted.guildId) ? wanted.guildId : (guilds.keys().next().value ?? null);
  go(guildId, firstChannel(guildId));
}

const nameOf = (/** @type {any} */ user) => user.global_name || user.username;

function drawBar(account) {
  bar.replaceChildren(
    avatar(account.user),
    el("span", { class: "who" }, el("strong", {}, nameOf(account.user)), el("small", {}, account.about)),
    icon("swap"),
  );
  bar.setAttribute("aria-label", `You are ${nameOf(account.user)}, ${account.about}. Switch account`);
}

function open() {
  const rows = accounts.map((one) => {
    const current = one.user.id === session.client?.me?.id;
    const choose = () => {
      close(true);
      // Where the account is refused, the bar at the top says so.
      if (!current) become(one).catch(() => undefined);
    };
    return el(
      "button", { type: "button", role: "menuitemradio", "aria-checked": String(current), tabindex: "-1", onclick: choose },
      avatar(one.user), el("span", { class: "who" }, el("strong", {}, nameOf(one.user)), el("small", {}, one.about)), current && icon("check"),
    );
  });
  popup.replaceChildren(el("p", { class: "popup-title", role: "presentation" }, "Be somebody else"), ...rows);
  popup.hidden = false;
  bar.setAttribute("aria-expanded", "true");
  /** @type {HTMLElement} */ (popup.querySelector("[aria-checked='true']") ?? rows[0])?.focus();
}

function close(back = false) {
  popup.hidden = true;
  bar.setAttribute("aria-expanded", "false");
  if (back) bar.focus();
}

bar.addEventListener("click", () => (popup.hidden ? open() : close()));
popup.addEventListener("keydown", (event) => {
  const rows = /** @type {HTMLElement[]} */ ([...popup.querySelectorAll("button")]);
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close(true);
  else if (to === undefined) return;
  else rows.at(to % rows.length)?.focus();
  event.preventDefault();
});
document.addEventListener("pointerdown", (event) => {
  const target = /** @type {Node} */ (event.target);
  if (!popup.hidden && !popup.contains(target) && !bar.contains(target)) close();
});
