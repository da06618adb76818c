/** Loads the pictures of frames; a failed one can be asked for again. */

/** Resolves with a decoded image, or rejects with a sentence for the person. */
export async function loadPicture({ url }) {
  const image = new Image();
  image.decoding = "async";
  image.src = url;
  try {
    await image.decode();
  } catch {
    throw new Error("The picture could not be loaded.");
  }
  return image;
}
