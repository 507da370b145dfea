// The check of a dossier in the browser, step by step the same as engine/history/dossier_check.py.
'use strict';
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const texts = read('texts'), data = read('dossier');
  const say = (text, values = {}) =>
    Object.entries(values).reduce((said, [name, value]) => said.replace('%(' + name + ')s', value), texts[text] ?? text);
  class Wrong extends Error {
    constructor(place, reason) { super(reason); this.place = place; }
  }
  const utf8 = text => new TextEncoder().encode(text);
  const unhex = text => Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16));
  const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  const unbase = text => Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
  const joined = parts => {
    const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  };
  const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

  // SM3 (GB/T 32905-2016), which no browser has.
  const turn = (x, n) => (x << (n % 32) | x >>> (32 - n % 32)) >>> 0;
  const sm3 = bytes => {
    const size = bytes.length, blocks = (size + 8 >> 6) + 1, padded = new Uint8Array(blocks * 64);
    padded.set(bytes);
    padded[size] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(blocks * 64 - 8, Math.floor(size / 0x20000000));
    view.setUint32(blocks * 64 - 4, size << 3);
    const state = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
    const w = new Uint32Array(68);
    for (let start = 0; start < padded.length; start += 64) {
      for (let j = 0; j < 16; j += 1) w[j] = view.getUint32(start + j * 4);
      for (let j = 16; j < 68; j += 1) {
        const x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15);
        w[j] = x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6];
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let j = 0; j < 64; j += 1) {
        const early = j < 16;
        const ss1 = turn(turn(a, 12) + e + turn(early ? 0x79cc4519 : 0x7a879d8a, j) >>> 0, 7), ss2 = ss1 ^ turn(a, 12);
        const ff = early ? a ^ b ^ c : a & b | a & c | b & c, gg = early ? e ^ f ^ g : e & f | ~e & g;
        const one = ff + d + ss2 + (w[j] ^ w[j + 4]) >>> 0, two = gg + h + ss1 + w[j] >>> 0;
        d = c; c = turn(b, 9); b = a; a = one;
        h = g; g = turn(f, 19); f = e; e = (two ^ turn(two, 9) ^ turn(two, 17)) >>> 0;
      }
      [a, b, c, d, e, f, g, h].forEach((value, at) => { state[at] = (state[at] ^ value) >>> 0; });
    }
    const out = new DataView(new ArrayBuffer(32));
    state.forEach((value, at) => out.setUint32(at * 4, value));
    return new Uint8Array(out.buffer);
  };
  const hash = async (...parts) => (data.suite === 'sm3' ? sm3 : sha256)(joined(parts));
  const byte = value => new Uint8Array([value]);
  const same = (one, other) => hex(one) === hex(other);
  const remarks = [];
  let values = 0;

  function readHead(place, note) {
    const lines = note.split('\n\n')[0].split('\n');
    const said = lines.slice(3).find(line => line.startsWith('hash '));
    if (lines.length < 3 || !/^[0-9]+$/.test(lines[1])) throw new Wrong(place, 'this is no signed head');
    return { size: Number(lines[1]), root: unbase(lines[2]), suite: said ? said.slice(5) : 'sha256' };
  }

  async function isSigned(note, name, key) {
    const [body, signatures = ''] = note.split('\n\n');
    const line = signatures.split('\n').find(one => one.startsWith('— ' + name + ' '));
    const known = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    const signature = line ? unbase(line.slice(line.lastIndexOf(' ') + 1)).slice(4) : byte(0);
    return crypto.subtle.verify('Ed25519', known, signature, utf8(body + '\n'));
  }

  async function checkHead() {
    if (!data.checkpoint || !data.verifier) {
      remarks.push(say('There is no signed head, or no key to check it with.'));
      if (!data.checkpoint) return { size: 0, root: byte(0) };
    }
    const head = readHead('checkpoint', data.checkpoint), notes = [['checkpoint', data.checkpoint]];
    if (head.suite !== data.suite) throw new Wrong('checkpoint', 'this is no signed head');
    for (const [at, earlier] of (data.earlier ?? []).entries())
      notes.push(['earlier head ' + (at + 1), earlier.checkpoint, earlier.proof.map(unbase)]);
    const [name, , base] = data.verifier.split(/\+(.{8})\+/);
    let canCheck = Boolean(data.verifier);
    for (const [place, note, way] of notes) {
      if (canCheck) {
        let valid = true;
        try { valid = await isSigned(note, name, unbase(base).slice(1)); } catch {
          canCheck = false;
          remarks.push(say('This browser cannot check the signature of the head (Ed25519). Use the program for it.'));
        }
        if (!valid) throw new Wrong(place, 'its signature is not of this key');
      }
      if (way) await checkContinued(place, readHead(place, note), head, way);
    }
    if (canCheck) remarks.push(say('The signature of the head is valid. Compare its key with the one you were given: %(key)s',
      { key: data.verifier }));
    return head;
  }

  // RFC 9162, 2.1.4.2: the newest head continues an earlier one.
  async function checkContinued(place, old, head, way) {
    const wrong = () => new Wrong(place, 'the newest head does not continue it');
    const path = (Math.log2(old.size) % 1) === 0 ? [old.root, ...way] : way;
    if (!(old.size > 0 && old.size < head.size) || !path.length) throw wrong();
    let first = old.size - 1, last = head.size - 1;
    while (first % 2) { first = Math.floor(first / 2); last = Math.floor(last / 2); }
    let was = path[0], now = path[0];
    for (const value of path.slice(1)) {
      if (last === 0) throw wrong();
      if (first % 2 || first === last) {
        was = await hash(byte(1), value, was);
        now = await hash(byte(1), value, now);
        while (first % 2 === 0 && first) { first = Math.floor(first / 2); last = Math.floor(last / 2); }
      } else now = await hash(byte(1), now, value);
      first = Math.floor(first / 2); last = Math.floor(last / 2);
    }
    if (last || !same(was, old.root) || !same(now, head.root)) throw wrong();
  }

  async function checkSeal(place, fact, previous) {
    const sealed = hex(await hash(byte(2), unhex(previous), utf8(fact.body)));
    if (sealed !== fact.seal) throw new Wrong(place, 'the seal does not fit');
    return JSON.parse(fact.body);
  }

  async function checkWay(place, fact, head) {
    if (fact.leaf === null) return;
    let index = fact.leaf, last = head.size - 1, value = await hash(byte(0), unhex(fact.seal));
    const wrong = () => new Wrong(place, 'it is not the fact that was committed under the signed head');
    if (!(index >= 0 && index < head.size)) throw wrong();
    for (const text of fact.proof) {
      if (last === 0) throw wrong();
      if (index % 2 || index === last) {
        value = await hash(byte(1), unbase(text), value);
        while (index % 2 === 0 && index) { index = Math.floor(index / 2); last = Math.floor(last / 2); }
      } else value = await hash(byte(1), value, unbase(text));
      index = Math.floor(index / 2); last = Math.floor(last / 2);
    }
    if (last || !same(value, head.root)) throw wrong();
  }

  const personalOf = body => body.personal ?? texts.personal[body.type] ?? [];
  const valueOf = (fact, body, name) => !personalOf(body).includes(name) ? body.data[name]
    : name in fact.personal ? JSON.parse(fact.personal[name].value) : null;

  async function checkPersonal(place, fact, body, erased) {
    const names = personalOf(body);
    for (const [name, kept] of Object.entries(fact.personal)) {
      const stated = await hash(byte(3), unhex(kept.salt), utf8(name), byte(0), utf8(kept.value));
      if (!names.includes(name) || hex(stated) !== body.data[name])
        throw new Wrong(place, 'a personal value does not match its digest');
      values += 1;
    }
    if (!data.masked && !erased && names.some(name => !(name in fact.personal)))
      throw new Wrong(place, 'a personal value is missing, and no erasure is recorded');
  }

  async function checkFacts(head) {
    const erased = new Set(data.facts.filter(fact => fact.body !== null).map(fact => JSON.parse(fact.body))
      .filter(body => body.type === 'AnswersErased').flatMap(body => body.data.seqs));
    const rows = [...document.querySelectorAll('tr[data-seq]')];
    const bodies = [];
    let previous = '', open = false;
    for (const [at, fact] of data.facts.entries()) {
      const place = 'case:' + data.case + '#' + (at + 1);
      const withheld = data.masked && fact.body === null;
      const body = withheld ? { stream: 'case:' + data.case, seq: at + 1, type: '', data: {}, state: 'withheld' }
        : await checkSeal(place, fact, previous);
      if (body.stream !== 'case:' + data.case || body.seq !== at + 1 || (open && fact.leaf !== null))
        throw new Wrong(place, 'the facts break off or are out of order');
      await checkPersonal(place, fact, body, erased.has(at + 1));
      await checkWay(place, fact, head);
      const row = rows[at];
      if (!row || Number(row.dataset.seq) !== body.seq || (!withheld && (row.dataset.kind !== body.type ||
          Date.parse(row.dataset.at) !== Date.parse(body.at))))
        throw new Wrong(place, 'the row of the film does not belong to its fact');
      if (at === 0 && !withheld && (body.type !== 'InstanceStarted' ||
          (!data.masked && valueOf(fact, body, 'number') !== data.number)))
        throw new Wrong(place, 'the facts break off or are out of order');
      open = fact.leaf === null;
      previous = fact.seal;
      bodies.push(body);
    }
    const end = bodies.at(-1);
    if (!end || !end.state || rows.length !== bodies.length)
      throw new Wrong('case:' + data.case + '#' + bodies.length, 'the facts break off or are out of order');
    if (open) remarks.push(say('Some facts are not yet under a signed head: their seals alone protect them.'));
    return bodies;
  }

  async function checkResources(bodies, head) {
    const published = new Map();
    for (const [at, fact] of data.beside.entries()) {
      if (data.masked && fact.body === null) {
        await checkWay('beside ' + (at + 1), fact, head);
        continue;
      }
      const body = await checkSeal('beside ' + (at + 1), fact, fact.previous);
      await checkWay(body.stream + '#' + body.seq, fact, head);
      if (body.type === 'DeploymentPublished') for (const one of body.data.resources) published.set(one.id, one.checksum);
    }
    const kept = new Map(data.resources.map(one => [one.id, one]));
    const pinned = bodies.filter(body => ['InstanceStarted', 'InstanceMigrated'].includes(body.type))
      .flatMap(body => Object.entries(body.data.pins).sort());
    if (bodies.some(body => !body.type)) pinned.push(...data.resources.map(one => [one.id, one.id]));
    for (const [pin, id] of pinned) {
      const one = kept.get(id);
      const sum = one && hex(await hash(unbase(one.content)));
      if (!one || sum !== one.checksum || sum !== published.get(id))
        throw new Wrong(pin, 'the file is not the one that was published');
    }
  }

  async function checkFiles(bodies) {
    const wanted = new Map(bodies.filter(body => ['FileAttached', 'PaperIssued'].includes(body.type))
      .map(body => [valueOf(data.facts[body.seq - 1], body, 'digest'), 'case:' + data.case + '#' + body.seq])
      .filter(([sum]) => sum));
    const kept = new Set();
    for (const [at, file] of data.files.entries()) {
      const sum = hex(await hash(unbase(file.content)));
      if (sum !== file.digest || !wanted.has(sum))
        throw new Wrong(wanted.get(file.digest) ?? 'paper ' + (at + 1), 'the paper or file was changed');
      kept.add(sum);
    }
    for (const [sum, place] of wanted)
      if (!kept.has(sum) && !data.masked) throw new Wrong(place, 'the paper or file is missing');
  }

  function showFiles() {
    const list = document.querySelector('#papers ul');
    for (const file of data.files) {
      const item = document.createElement('li'), link = document.createElement('a');
      const picture = /^image\/(png|jpeg|gif|webp)$/.test(file.media_type);
      const type = picture || file.media_type === 'application/pdf' ? file.media_type : 'application/octet-stream';
      const address = URL.createObjectURL(new Blob([unbase(file.content)], { type }));
      link.href = address; link.download = file.name; link.textContent = file.name;
      item.append(link);
      if (picture) {
        const shown = document.createElement('img');
        shown.src = address; shown.alt = file.name; shown.style.maxWidth = '100%';
        item.append(document.createElement('br'), shown);
      }
      list.append(item);
    }
    document.getElementById('papers').hidden = !data.files.length;
  }

  async function run() {
    const verdict = document.getElementById('verdict');
    const show = (kind, text) => { verdict.className = kind; verdict.textContent = text; verdict.dataset.kind = kind; };
    if (!globalThis.crypto?.subtle) return show('note', say('This browser cannot compute digests here. Use the program.'));
    show('note', say('Checking …'));
    try {
      const head = await checkHead();
      const bodies = await checkFacts(head);
      await checkResources(bodies, head);
      await checkFiles(bodies);
      show('done', say('Whole: %(facts)s facts, their seals, %(values)s personal values and %(files)s files were computed again.',
        { facts: bodies.length, values, files: data.files.length + data.resources.length }));
      showFiles();
    } catch (wrong) {
      show('errsum', say('NOT WHOLE. The first wrong item is %(place)s: %(reason)s',
        { place: wrong.place ?? '?', reason: say(wrong.message) }));
    }
    document.getElementById('remarks').replaceChildren(...remarks.map(text =>
      Object.assign(document.createElement('li'), { textContent: text })));
  }
  run();
})();
