/** Fetches and decodes the pictures of frames. A failure is a sentence for the person; it can be asked for again. */

const FAILED = "The picture could not be loaded.";

/** A picture that the browser decodes by itself; the only way for formats that it does not hand out as bitmaps. */
async function loadImage(url) {
  const image = new Image();
  image.decoding = "async";
  image.src = url;
  try {
    await image.decode();
  } catch {
    throw new Error(FAILED);
  }
  return image;
}

async function fetched(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal, credentials: "same-origin" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error(`${FAILED} There is no connection.`, { cause: error });
  }
  if (response.status === 401 || response.status === 403 || response.redirected)
    throw new Error(`${FAILED} You may have been logged out.`);
  if (!response.ok) throw new Error(`${FAILED} The server answered ${response.status}.`);
  return response;
}

/** Decoded off the main thread, so that a step to this frame only has to draw it. */
async function loadBitmap(url, signal) {
  const response = await fetched(url, signal);
  const blob = await response.blob();
  try {
    return await createImageBitmap(blob);
  } catch {
    return loadImage(url);
  }
}

/** Values of one frame as they were measured: `{values: Int16Array, width, height}`. */
async function loadPixels(url, { width, height }, signal) {
  const response = await fetched(url, signal);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength !== 2 * width * height) throw new Error(`${FAILED} Its size is not the expected one.`);
  return { values: new Int16Array(bytes), width, height };
}

/** How the frames of a medium are loaded: `(frame, signal) -> picture`. */
export function loaderOf(media) {
  if (media.pixels) return (frame, signal) => loadPixels(media.pixelsUrl(frame), media.size(frame), signal);
  if (media.isMany) return (frame, signal) => loadBitmap(media.url(frame), signal);
  return (frame) => loadImage(media.url(frame));
}

export const bytesOf = (picture) =>
  picture.values?.byteLength ?? 4 * (picture.width || 1) * (picture.height || 1);

export const release = (picture) => picture.close?.();
