/** Says when the page is cut off from the server, and when it is back. */

import { announce } from "./announce.js";
import { el } from "./nodes.js";
import { on, session } from "./session.js";

const banner = /** @type {HTMLElement} */ (document.getElementById("connection"));
/** So many tries are made in a few seconds: who is away for longer may have ended. */
const SOME_TRIES = 5;
let wasAway = false;
let tries = 0;

on("connection", (state) => {
  document.body.dataset.connection = state;
  if (state === "away") wasAway = true;
  tries = state === "connected" ? 0 : tries + Number(state === "away");
  banner.hidden = state === "connected" || !wasAway;
  banner.textContent = `The connection is lost. Trying again…${tries > SOME_TRIES ? " Is the sandbox still running?" : ""}`;
  if (state === "connected" && wasAway) {
    wasAway = false;
    announce("Connected again");
  }
});
on("refused", () => {
  const anew = el("button", { type: "button", onclick: () => location.reload() }, "Reload the page");
  banner.replaceChildren("The sandbox was restarted and no longer knows this account. ", anew);
  banner.hidden = false;
});
document.addEventListener("session", () => {
  wasAway = false;
  tries = 0;
  banner.hidden = true;
  document.body.dataset.connection = session.client?.state;
});
