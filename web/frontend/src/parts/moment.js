// What stands under the picture: the moment in full, fetched from its own page once the film rests on it.
let rests = 250; // milliseconds without a further step; more where the server takes longer
const place = document.getElementById('moment');
let wanted = 0;
let timer = 0;

export function tellMoment(number) {
  wanted = number;
  clearTimeout(timer);
  const shown = place.querySelector('.moment');
  place.classList.toggle('stale', +shown.dataset.number !== number);
  if (+shown.dataset.number === number) return;
  timer = setTimeout(async () => {
    const asked = performance.now();
    const answer = await fetch(place.dataset.address + number, { credentials: 'same-origin' });
    rests = Math.max(250, performance.now() - asked);
    if (!answer.ok || wanted !== number) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const found = page.querySelector('.moment');
    if (!found || wanted !== number) return;
    place.replaceChildren(document.importNode(found, true));
    place.classList.remove('stale');
  }, rests);
}
