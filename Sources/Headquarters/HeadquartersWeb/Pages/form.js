// Comfort for the job-intent form; everything works without it.

const all = (selector) => [...document.querySelectorAll(selector)];
const ticks = all('.tick');
const limit = 20;

const count = document.querySelector('.count');
if (count) {
  const less = document.querySelector('.count-less');
  const show = () => {
    const chosen = ticks.filter((tick) => tick.checked).length;
    count.querySelector('b').textContent = chosen;
    count.hidden = chosen === 0;
    less.hidden = chosen !== 0;
    for (const tick of ticks) tick.disabled = chosen >= limit && !tick.checked;
  };
  for (const tick of ticks) {
    tick.addEventListener('change', () => {
      const withhold = tick.closest('.vacancy').querySelector('.withhold input');
      if (!tick.checked) withhold.checked = false;
      show();
    });
  }
  addEventListener('pageshow', show);
  show();
}

const finder = document.querySelector('.finder');
if (finder) {
  const input = finder.querySelector('input');
  const nothing = document.querySelector('.nothing');
  finder.hidden = false;
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      input.blur();
    }
  });
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase().split(/\s+/);
    let found = 0;
    for (const employer of all('.employer')) {
      let here = 0;
      for (const vacancy of employer.querySelectorAll('.vacancy')) {
        const fits = wanted.every((word) => vacancy.dataset.words.includes(word));
        vacancy.hidden = !fits;
        if (fits) here += 1;
      }
      employer.hidden = here === 0;
      found += here;
    }
    nothing.hidden = found !== 0;
  });
}

for (const input of all('input.digits')) {
  const field = input.closest('.field');
  const key = field.querySelector('.key-x');
  field.classList.add('has-key');
  input.inputMode = 'numeric';
  key.hidden = false;
  key.addEventListener('click', () => {
    if (input.value.length < 4) input.value += 'X';
    input.focus();
  });
}

for (const form of all('form')) {
  const buttons = [...form.querySelectorAll('button:not([type="button"])')];
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(() => buttons.forEach((button) => { button.disabled = true; }), 0);
  });
  addEventListener('pageshow', () => {
    sent = false;
    buttons.forEach((button) => { button.disabled = false; });
  });
}

document.getElementById('problems')?.focus();
