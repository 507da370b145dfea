// What each moment says in one breath: of those in the record's part on this page it stands there, of the others it is
// asked for part by part, a little before the film comes to them.
const NEAR = 30;

export function sayings(film, rows, address, heard) {
  const known = new Map([...rows].map(([number, row]) => [number, row.dataset.said]));
  const begun = new Set([...rows.keys()].map(partOf));
  let last = 0;

  function partOf(number) { return Math.floor((number - 1) / film.part); }

  async function ask(part) {
    const first = part * film.part + 1;
    if (part < 0 || first > film.count || begun.has(part)) return;
    begun.add(part);
    try {
      const answer = await fetch(address + first, { credentials: 'same-origin' });
      if (!answer.ok) return;
      (await answer.json()).forEach((text, index) => known.set(first + index, text));
      heard();
    } catch {
      begun.delete(part);
    }
  }

  return number => {
    ask(partOf(number));
    if (last && last !== number) ask(partOf(number + (number > last ? NEAR : -NEAR)));
    last = number;
    return known.get(number) || '';
  };
}
