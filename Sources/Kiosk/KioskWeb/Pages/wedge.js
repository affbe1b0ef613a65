// Listens for a scanner that types like a keyboard: a burst of keys no hand can type, ended by Enter.

const burstGapMilliseconds = 60;
const burstLengthMin = 8;
const scanLengthMax = 400;
// A slip's address, or its bare token: 48 characters of Base32.
const slip = /^(https?:\/\/\S+\/i\/)?[a-z2-7]{48}$/i;

// `scanned` is told of every scan, `typed` of every key that came from a hand. While a text field has the focus only a
// slip counts as a scan, and what the scanner left in the field is taken out again.
export function listen({ scanned, typed }) {
  let keys = "";
  let last = -Infinity;
  let before = "";
  let timer = 0;

  function settle() {
    const held = keys;
    keys = "";
    if (held.length < burstLengthMin) for (const key of held) typed(key);
  }

  document.addEventListener("keydown", (event) => {
    // What an input method is still composing is none of ours, its Enter neither.
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    const field = event.target instanceof HTMLInputElement ? event.target : null;
    const button = event.target.closest?.("button");
    // When the key was pressed, not when a busy page came to it.
    const now = event.timeStamp;
    const isBurst = now - last < burstGapMilliseconds;
    clearTimeout(timer);
    if (event.key === "Enter") {
      const text = keys;
      keys = "";
      if (isBurst && text.length >= burstLengthMin && (!field || slip.test(text))) {
        event.preventDefault();
        event.stopPropagation();
        if (field) field.value = before;
        scanned(text);
        return;
      }
      if (!field) for (const key of text) typed(key);
      // On a button Enter is that button's own.
      if (!button) typed("Enter");
      return;
    }
    if (event.key === " " && button && !isBurst) return;
    if (event.key === "Backspace" && !field) {
      settle();
      typed("delete");
      return;
    }
    if (event.key.length !== 1) return;
    if (!isBurst) {
      if (!field) settle();
      keys = "";
      before = field?.value ?? "";
    }
    last = now;
    if (keys.length < scanLengthMax) keys += event.key;
    if (!field) {
      event.preventDefault();
      timer = setTimeout(settle, burstGapMilliseconds + 20);
    }
  }, true);
}
