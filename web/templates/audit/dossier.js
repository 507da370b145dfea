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
  const sha256 = async (...parts) => {
    const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  };
  const byte = value => new Uint8Array([value]);
  const same = (one, other) => hex(one) === hex(other);
  const remarks = [];
  let values = 0;

  async function checkHead() {
    if (!data.checkpoint || !data.verifier) {
      remarks.push(say('There is no signed head, or no key to check it with.'));
      if (!data.checkpoint) return { size: 0, root: byte(0) };
    }
    const [body, signatures = ''] = data.checkpoint.split('\n\n');
    const lines = body.split('\n');
    const head = { size: Number(lines[1]), root: unbase(lines[2]) };
    if (!data.verifier) return head;
    const [name, , base] = data.verifier.split(/\+(.{8})\+/);
    const key = unbase(base).slice(1);
    const line = signatures.split('\n').find(one => one.startsWith('— ' + name + ' '));
    let valid;
    try {
      const known = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
      const signature = line ? unbase(line.slice(line.lastIndexOf(' ') + 1)).slice(4) : byte(0);
      valid = await crypto.subtle.verify('Ed25519', known, signature, utf8(body + '\n'));
    } catch {
      remarks.push(say('This browser cannot check the signature of the head (Ed25519). Use the program for it.'));
      return head;
    }
    if (!valid) throw new Wrong('checkpoint', 'its signature is not of this key');
    remarks.push(say('The signature of the head is valid. Compare its key with the one you were given: %(key)s',
      { key: data.verifier }));
    return head;
  }

  async function checkSeal(place, fact, previous) {
    const sealed = hex(await sha256(byte(2), unhex(previous), utf8(fact.body)));
    if (sealed !== fact.seal) throw new Wrong(place, 'the seal does not fit');
    return JSON.parse(fact.body);
  }

  async function checkWay(place, fact, head) {
    if (fact.leaf === null) return;
    let index = fact.leaf, last = head.size - 1, value = await sha256(byte(0), unhex(fact.seal));
    const wrong = () => new Wrong(place, 'it is not the fact that was committed under the signed head');
    if (!(index >= 0 && index < head.size)) throw wrong();
    for (const text of fact.proof) {
      if (last === 0) throw wrong();
      if (index % 2 || index === last) {
        value = await sha256(byte(1), unbase(text), value);
        while (index % 2 === 0 && index) { index = Math.floor(index / 2); last = Math.floor(last / 2); }
      } else value = await sha256(byte(1), value, unbase(text));
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
      const stated = await sha256(byte(3), unhex(kept.salt), utf8(name), byte(0), utf8(kept.value));
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
      open = fact.leaf === null;
      previous = fact.seal;
      bodies.push(body);
    }
    const end = bodies.at(-1);
    if (!end || !end.state || rows.length !== bodies.length || bodies[0].type !== 'InstanceStarted' ||
        (!data.masked && valueOf(data.facts[0], bodies[0], 'number') !== data.number))
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
      const sum = one && hex(await sha256(unbase(one.content)));
      if (!one || sum !== one.checksum || sum !== published.get(id))
        throw new Wrong(pin, 'the file is not the one that was published');
    }
  }

  async function checkFiles(bodies) {
    const wanted = new Map(bodies.filter(body => ['FileAttached', 'PaperIssued'].includes(body.type))
      .map(body => [valueOf(data.facts[body.seq - 1], body, 'digest'), 'case:' + data.case + '#' + body.seq])
      .filter(([sum]) => sum));
    const kept = new Set();
    for (const file of data.files) {
      const sum = hex(await sha256(unbase(file.content)));
      if (sum !== file.digest || !wanted.has(sum))
        throw new Wrong(wanted.get(file.digest) ?? file.name, 'the paper or file was changed');
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
    if (!globalThis.crypto?.subtle) return show('note', say('This browser cannot compute SHA-256 here. Use the program.'));
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
