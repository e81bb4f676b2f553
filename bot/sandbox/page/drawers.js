/** On a narrow screen the lists are drawers; on a wide one the list of members may be put away. */

const narrow = matchMedia("(max-width: 800px)");
const body = document.body;
const toChannels = /** @type {HTMLButtonElement} */ (document.getElementById("open-channels"));
const toMembers = /** @type {HTMLButtonElement} */ (document.getElementById("open-members"));
const veil = /** @type {HTMLElement} */ (document.getElementById("veil"));
const sides = { channels: document.getElementById("side"), members: document.getElementById("people") };
let membersShown = true;
let hasMembers = true;

/** @param {"channels" | "members" | null} which */
function open(which) {
  const before = body.dataset.drawer;
  body.dataset.drawer = which ?? "";
  fit();
  if (which) /** @type {HTMLElement | null} */ (sides[which]?.querySelector("[aria-current='page'], button, a"))?.focus();
  else if (before === "channels") toChannels.focus();
  else if (before === "members") toMembers.focus();
}

/** Put the lists away where they are drawers, so that the messages are seen. */
export function putAway() {
  if (narrow.matches && body.dataset.drawer) open(null);
}

function fit() {
  const drawer = narrow.matches ? body.dataset.drawer : "";
  body.classList.toggle("without-members", !hasMembers || (!narrow.matches && !membersShown));
  toMembers.hidden = !hasMembers;
  toChannels.setAttribute("aria-expanded", String(drawer === "channels"));
  toMembers.setAttribute("aria-expanded", String(narrow.matches ? drawer === "members" : membersShown));
  veil.hidden = !drawer;
  // A drawer that is out of sight takes no focus.
  sides.channels?.toggleAttribute("inert", narrow.matches && drawer !== "channels");
  sides.members?.toggleAttribute("inert", narrow.matches && drawer !== "members");
  document.getElementById("main")?.toggleAttribute("inert", Boolean(drawer));
}

toChannels.addEventListener("click", () => open(body.dataset.drawer === "channels" ? null : "channels"));
toMembers.addEventListener("click", () => {
  if (narrow.matches) return open(body.dataset.drawer === "members" ? null : "members");
  membersShown = !membersShown;
  fit();
});
veil.addEventListener("click", () => open(null));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && narrow.matches && body.dataset.drawer) open(null);
});
sides.channels?.addEventListener("click", (event) => {
  if (narrow.matches && /** @type {Element} */ (event.target).closest("a.place")) open(null);
});
document.addEventListener("moved", (event) => {
  hasMembers = /** @type {CustomEvent} */ (event).detail.guildId !== null;
  fit();
});
narrow.addEventListener("change", () => {
  body.dataset.drawer = "";
  fit();
});
fit();
