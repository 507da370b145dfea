// The page of an order to move cases looks again by itself while the order is under way.
// Only the part that changes is replaced, so focus and reading place stay; without this script there is a link.
const PAUSE_MS = 3000;

async function lookAgain() {
  const shown = document.getElementById('progress');
  if (!shown || shown.dataset.state !== 'running') return;
  if (!shown.contains(document.activeElement) && !document.hidden) {
    try {
      const answer = await fetch(location.href, { credentials: 'same-origin' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById('progress');
      if (!fresh) return;
      if (fresh.dataset.state !== 'running') { location.reload(); return; }
      const status = shown.querySelector('[role=status]');
      const words = fresh.querySelector('[role=status]');
      if (status.textContent !== words.textContent) {
        status.replaceChildren(...words.childNodes);
        for (const part of ['progress', 'table']) shown.querySelector(part).replaceWith(fresh.querySelector(part));
      }
    } catch { /* the network is away: try again */ }
  }
  setTimeout(lookAgain, PAUSE_MS);
}

setTimeout(lookAgain, PAUSE_MS);
