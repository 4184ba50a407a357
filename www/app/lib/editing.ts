// SPDX-License-Identifier: Apache-2.0
//
// Changes to a text field that the browser's undo knows: marks around a
// selection, marks before lines, links.

/** Replaces the selection, keeping undo where the browser can. */
export function insertText(field: HTMLTextAreaElement, text: string): void {
  field.focus();
  const before = field.value;
  const done = document.execCommand('insertText', false, text);
  if (done && field.value !== before) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

/** Puts a mark on both sides of the selection, or takes it off. */
export function wrapSelection(field: HTMLTextAreaElement, mark: string): void {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const chosen = value.slice(start, end);
  const outside = value.slice(start - mark.length, start) === mark && value.slice(end, end + mark.length) === mark;
  if (outside) {
    field.setSelectionRange(start - mark.length, end + mark.length);
    insertText(field, chosen);
    field.setSelectionRange(start - mark.length, end - mark.length);
    return;
  }
  insertText(field, mark + chosen + mark);
  field.setSelectionRange(start + mark.length, end + mark.length);
}

/** Puts a mark before each selected line, or takes it off where all have it. */
export function prefixLines(field: HTMLTextAreaElement, mark: (line: number) => string, pattern: RegExp): void {
  const { value } = field;
  const start = value.lastIndexOf('\n', field.selectionStart - 1) + 1;
  const stop = value.indexOf('\n', field.selectionEnd);
  const end = stop < 0 ? value.length : stop;
  const lines = value.slice(start, end).split('\n');
  const marked = lines.every((line) => pattern.test(line));
  const text = lines.map((line, index) => (marked ? line.replace(pattern, '') : mark(index) + line)).join('\n');
  field.setSelectionRange(start, end);
  insertText(field, text);
}

export function codeBlock(field: HTMLTextAreaElement): void {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const chosen = value.slice(start, end);
  const before = start > 0 && value[start - 1] !== '\n' ? '\n' : '';
  insertText(field, `${before}\`\`\`\n${chosen}\n\`\`\``);
  const at = start + before.length + 4;
  field.setSelectionRange(at, at + chosen.length);
}

export function makeLink(field: HTMLTextAreaElement, url = ''): void {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const chosen = value.slice(start, end);
  insertText(field, `[${chosen}](${url})`);
  if (url) return;
  const at = chosen ? end + 3 : start + 1;
  field.setSelectionRange(at, at);
}

/**
 * Lets a field grow with its text, up to a share of the window's height. What holds the field keeps its size while the
 * text is measured: a timeline above that grew for that moment would be scrolled by the browser, and let go of its end.
 */
export function fitHeight(field: HTMLTextAreaElement, share = 0.4): void {
  const holder = field.parentElement!;
  const most = Math.round((visualViewport?.height ?? innerHeight) * share);
  holder.style.setProperty('height', `${holder.offsetHeight}px`);
  field.style.setProperty('height', 'auto');
  const wanted = field.scrollHeight;
  field.style.setProperty('height', `${Math.min(wanted, most)}px`);
  field.classList.toggle('full', wanted > most);
  holder.style.removeProperty('height');
}
