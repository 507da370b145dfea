// Photos from a telephone are made smaller before they are sent: 10 MB become about 1 MB, and stay readable.
//
// Only what is clearly too large is touched, and only if it really becomes smaller; anything that fails is sent as
// it is, and the server says what is wrong with it.

const BYTES_ENOUGH = 1_500_000;
const EDGE_MAX = 2400;
const QUALITY = 0.85;

async function smaller(file) {
  if (file.size <= BYTES_ENOUGH || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, EDGE_MAX / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; // a PNG's transparent parts become paper
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise(done => canvas.toBlob(done, 'image/jpeg', QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.[^.]*$/, '') + '.jpg', { type: 'image/jpeg' });
  } catch {
    return file;
  }
}

// Keeps the form from being sent while a photo is in work.
export function shrinkPhotos(form) {
  const working = new Set();
  form.addEventListener('change', event => {
    const input = event.target;
    if (input.type !== 'file' || !input.files.length || !/jpe?g|image\/\*/.test(input.accept)) return;
    const work = Promise.all([...input.files].map(smaller)).then(files => {
      const list = new DataTransfer();
      for (const file of files) list.items.add(file);
      input.files = list.files;
    }).finally(() => working.delete(work));
    working.add(work);
  });
  form.addEventListener('submit', event => {
    if (!working.size) return;
    event.preventDefault();
    const { submitter } = event;
    Promise.allSettled([...working]).then(() => form.requestSubmit(submitter));
  });
}
