/** Puts the page together: who one may be, the client, and what draws. */

import { begin } from "./accounts.js";
import "./channels.js";
import "./composer.js";
import "./connection.js";
import "./drawers.js";
import "./dropping.js";
import "./members.js";
import "./messages.js";
import "./profile.js";
import "./servers.js";
import "./apps.js";
import "./scenes.js";
import "./tour.js";
import { el } from "./nodes.js";
import { sees } from "./places.js";
import { go, here, placeOfAddress } from "./view.js";

addEventListener("popstate", follow);

/** Follow the address, by a link or the way back. */
function follow() {
  const place = placeOfAddress();
  const same = place && place.guildId === here.guildId && place.channelId === here.channelId && !place.messageId;
  if (place?.channelId && !same && sees(place.channelId)) go(place.guildId, place.channelId, place.messageId);
}

const list = /** @type {HTMLElement} */ (document.getElementById("message-list"));
try {
  if (!(await begin())) {
    list.replaceChildren(el("li", { class: "loading" }, "There is no account here to write as: whoever runs this sandbox has offered none."));
  }
} catch (error) {
  list.replaceChildren(el("li", { class: "loading" }, /** @type {Error} */ (error).message));
}
document.body.dataset.ready = "true";
