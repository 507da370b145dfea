// Saves as one works. Every change is kept in this browser at once and on the server a moment later; what the
// server has not got is offered again when the page is next opened. Two people, or two windows: the second one is asked.
import { ask, later, make, page, say } from './page.js';

const WAIT_MS = 1000, RETRY_MS = 5000, PULSE_MS = 30_000;
const kept = `shangmen:${page.draft}:${page.kind}:${page.key}`;

const store = {
  put(content, base) { try { localStorage.setItem(kept, JSON.stringify({ content, base })); } catch { /* full or forbidden */ } },
  get() { try { return JSON.parse(localStorage.getItem(kept)); } catch { return null; } },
  drop() { try { localStorage.removeItem(kept); } catch { /* forbidden */ } },
};

export class Autosave {
  // read(): promise of the text to save · shown(answer): called with what the server answered
  constructor(read, shown) {
    Object.assign(this, { read, shown, base: page.revision, edits: 0, saved: 0, running: false });
    this.status = document.getElementById('saved');
    this.soon = later(WAIT_MS, () => this.save());
    this.keep = later(250, async () => { if (this.dirty) store.put(await this.read(), this.base); });
    addEventListener('beforeunload', event => { if (this.dirty) { this.soon.now(); event.preventDefault(); } });
    document.addEventListener('visibilitychange', () => { if (document.hidden && this.dirty) { this.keep.now(); this.soon.now(); } });
    setInterval(() => this.pulse(), PULSE_MS);
    this.pulse();
    addEventListener('online', () => this.dirty && this.soon.now());
  }

  // Says that the file is still open here, and shows who else is at work.
  async pulse() {
    if (document.hidden) return;
    try { document.getElementById('others').textContent = (await ask(page.open, {})).others; } catch { /* the next one may arrive */ }
  }

  get dirty() { return this.edits !== this.saved; }

  changed() {
    this.edits += 1;
    this.tell(say('Not saved yet …'));
    this.keep();
    this.soon();
  }

  async save() {
    if (this.running || this.stopped || !this.dirty) return;
    this.running = true;
    const upTo = this.edits;
    try {
      const content = await this.read();
      const answer = await ask(page.save, { base_revision: this.base, content });
      this.base = answer.revision;
      this.saved = upTo;
      if (!this.dirty) store.drop();
      this.tell(say('Saved at %(time)s', { time: answer.saved_at }));
      this.shown(answer);
    } catch (error) {
      if (error.status === 409) this.clash(error.answer);
      else {
        this.tell(error.message, true);
        if (error.status === 0 || error.status >= 500) setTimeout(() => this.save(), RETRY_MS);
      }
    }
    this.running = false;
    if (this.dirty && this.saved === upTo) this.soon();
  }

  tell(text, bad = false) {
    this.status.textContent = text;
    this.status.classList.toggle('bad', bad);
  }

  // Somebody else saved this file since: theirs or ours, the person decides. Nothing is thrown away silently.
  clash(answer) {
    this.stopped = true;
    this.tell(answer.said, true);
    const box = document.getElementById('clash');
    const mine = make('button', { class: 'btn', type: 'button', onclick: () => {
      this.base = answer.revision; this.stopped = false; box.hidden = true; this.soon.now();
    } }, say('Take mine: save it over the other'));
    const theirs = make('button', { class: 'btn sec', type: 'button', onclick: () => {
      this.saved = this.edits; store.drop(); location.reload();
    } }, say('Take the other: drop mine'));
    const aside = make('button', { class: 'btn sec', type: 'button', onclick: async () => download(await this.read()) },
      say('Keep mine as a file'));
    const shown = make('div', { id: 'both' });
    const look = make('button', { class: 'btn sec', type: 'button', onclick: async () => {
      try { shown.innerHTML = (await ask(page.both, { content: await this.read() })).html; } catch (error) { shown.textContent = error.message; }
    } }, say('Look at both'));
    box.replaceChildren(make('p', {}, answer.said), make('p', {}, say('The saved version stays in the list of versions, whatever you choose.')),
      make('div', { class: 'actions' }, mine, theirs, look, aside), shown);
    box.hidden = false;
    box.focus();
  }

  // What an earlier sitting could not save: offered, and used only if wanted.
  leftover(use) {
    const found = store.get();
    if (!found || found.content === undefined) return;
    const box = document.getElementById('leftover');
    const done = () => { box.hidden = true; };
    box.replaceChildren(
      make('p', {}, say('This browser still has changes to this file that were never saved.')),
      make('div', { class: 'actions' },
        make('button', { class: 'btn', type: 'button', onclick: async () => { done(); await use(found.content); this.changed(); } }, say('Bring them back')),
        make('button', { class: 'btn sec', type: 'button', onclick: () => { store.drop(); done(); } }, say('Throw them away'))));
    box.hidden = false;
  }
}

function download(content) {
  const link = make('a', { href: URL.createObjectURL(new Blob([content])), download: page.file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
