/** Fields that are as high as what is written in them. */

/**
 * Give a field as many rows as its text takes at its width.
 * @param {HTMLTextAreaElement} field
 * @param {number} most
 */
export function fitRows(field, most) {
  // A scroll bar would leave less room for each line than there will be.
  field.classList.add("measured");
  field.rows = 1;
  const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(field);
  const height = field.scrollHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
  field.rows = Math.min(most, Math.max(1, Math.round(height / parseFloat(lineHeight))));
  field.classList.remove("measured");
}
