/** What pressing a button or picking in a select of a message does: an interaction, and signs of it meanwhile. */

import { COMPONENT, interact } from "./interactions.js";
import { el } from "./nodes.js";
import { here } from "./view.js";

const BUTTON = 2;

/**
 * Make the components of messages work: `component` events that bubble up to `root` become interactions.
 *
 * @param {Document | HTMLElement} root
 * @param {function(Object, Object): void} open shows a modal
 */
export function usePressing(root, open) {
  root.addEventListener("component", (event) => press(event, open));
}

async function press(event, open) {
  const { message, component, values } = event.detail;
  // A select tells it of its frame, and what can be used in that is its button.
  const control = event.target.querySelector("[data-custom-id]") ?? event.target;
  if (control.getAttribute("aria-busy") === "true") {
    return;
  }
  const target = {
    applicationId: message.application_id ?? message.author.id,
    guildId: message.guild_id ?? here.guildId,
    channelId: message.channel_id,
    messageId: message.id,
  };
  const data = { component_type: component.type, custom_id: component.custom_id };
  if (component.type !== BUTTON) {
    data.values = values;
  }
  busy(control, true);
  complain(control, "");
  try {
    const { modal } = await interact(COMPONENT, target, data);
    document.dispatchEvent(new CustomEvent("component-used", { detail: { message, component } }));
    if (modal) {
      open(modal, { ...target, messageId: undefined });
    }
  } catch (error) {
    complain(shown(control, message, component), error.message);
  } finally {
    busy(shown(control, message, component), false);
  }
}

/** The control as it stands now: its message may have been drawn anew meanwhile. */
function shown(control, message, component) {
  const wanted = `article[data-id="${CSS.escape(message.id)}"] [data-custom-id="${CSS.escape(component.custom_id)}"]`;
  return control.isConnected ? control : (document.querySelector(wanted) ?? control);
}

/** While it waits, a control spins and takes nothing. It keeps the focus, which `disabled` would lose. */
function busy(control, isBusy) {
  control.classList.toggle("is-busy", isBusy);
  if (isBusy) {
    control.setAttribute("aria-busy", "true");
    control.setAttribute("aria-disabled", "true");
  } else {
    control.removeAttribute("aria-busy");
    control.removeAttribute("aria-disabled");
  }
}

/** Say below the components why it came to nothing. */
function complain(control, sentence) {
  const row = control.closest(".row") ?? control.parentElement;
  row.querySelector(":scope > .component-problem")?.remove();
  if (sentence) {
    row.append(el("p", { class: "component-problem", role: "alert" }, sentence));
  }
}
