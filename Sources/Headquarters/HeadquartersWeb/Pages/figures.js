// Refreshes the figures every five seconds while the page is in view; without it the page shows its last state.

const every = 5000;
const stalled = document.querySelector('.stalled');

const texts = (root) => [...root.querySelectorAll('[data-figure]')].map((node) => node.textContent);

const refresh = async () => {
  const answer = await fetch(location.pathname, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live');
  const live = document.getElementById('live');
  const before = texts(live);
  const selected = String(getSelection());
  if (selected) return;
  live.replaceChildren(...fresh.childNodes);
  [...live.querySelectorAll('[data-figure]')].forEach((node, index) => {
    if (before.length && before[index] !== node.textContent) node.classList.add('changed');
  });
};

const turn = async () => {
  if (!document.hidden) {
    try {
      await refresh();
      stalled.hidden = true;
    } catch {
      stalled.hidden = false;
    }
  }
  setTimeout(turn, every);
};

setTimeout(turn, every);
