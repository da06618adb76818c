/**
 * Media of several frames for the harness, made here: a video of two moving spots, a group of pictures of different
 * sizes, a DICOM-like series of measured values. Each gives {title, media, ontology, document} and answers requests for frames.
 */

import { deflateSync } from "node:zlib";
import { ONTOLOGY } from "./task.mjs";

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A grey PNG of `grey(x, y)`. */
function png(width, height, grey) {
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) lines[y * (width + 1) + 1 + x] = grey(x, y);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(lines, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const SIDE = 512;
const VIDEO_FRAMES = 1500;

/** Where the two spots of the video are, relative. */
export function spotAt(which, frame) {
  const turn = frame / (which ? 90 : 140) + (which ? 2 : 0);
  return { x: 0.5 + 0.28 * Math.cos(turn), y: 0.5 + 0.24 * Math.sin(turn * 1.3) };
}

function videoFrame(frame) {
  const spots = [0, 1].map((which) => spotAt(which, frame));
  return png(SIDE, SIDE, (x, y) => {
    let grey = 18 + (((x >> 5) + (y >> 5)) % 2) * 6;
    spots.forEach((spot, which) => {
      const reach = Math.hypot((x / SIDE - spot.x) / 0.06, (y / SIDE - spot.y) / (which ? 0.06 : 0.035));
      if (reach < 1) grey = Math.max(grey, 230 - 90 * reach);
    });
    return grey;
  });
}

const radio = (id, name, options, more = {}) => ({
  id,
  name,
  type: "radio",
  featureNodeHash: `a${id.replaceAll(".", "")}`,
  required: false,
  archived: false,
  dynamic: false,
  options: options.map((label, index) => ({
    id: `${id}.${index + 1}`,
    label,
    value: label,
    featureNodeHash: `o${id.replaceAll(".", "")}${index + 1}`,
    options: [],
  })),
  ...more,
});

export const VIDEO_ONTOLOGY = {
  objects: [
    {
      id: "1",
      name: "Male fly",
      color: "#56B4E9",
      shape: "bounding_box",
      featureNodeHash: "male0001",
      attributes: [
        radio("1.1", "Wing extended", ["Yes", "No"], { dynamic: true }),
        radio("1.2", "Marked", ["Yes", "No"]),
      ],
    },
    {
      id: "2",
      name: "Female fly",
      color: "#E69F00",
      shape: "rotatable_bounding_box",
      featureNodeHash: "female01",
      attributes: [],
    },
    {
      id: "3",
      name: "Shadow",
      color: "#009E73",
      shape: "polygon",
      featureNodeHash: "shadow01",
      attributes: [],
    },
    { id: "4", name: "Head", color: "#CC79A7", shape: "point", featureNodeHash: "head0001", attributes: [] },
  ],
  classifications: [
    {
      id: "5",
      featureNodeHash: "behav001",
      color: "#CC79A7",
      attributes: [
        radio("5.1", "Behaviour", ["None", "Orienting", "Chasing", "Wing extension"], { required: true }),
      ],
    },
  ],
  skeleton_templates: [],
};

/** A track that follows a spot, with a key frame every `every` frames and straight lines between. */
function spotTrack(which, frames, every) {
  const key = (frame) => spotAt(which, frame);
  return Array.from({ length: frames }, (_, frame) => {
    const from = Math.floor(frame / every) * every;
    const to = Math.min(frames - 1, from + every);
    const share = to > from ? (frame - from) / (to - from) : 0;
    const [a, b] = [key(from), key(to)];
    const centre = { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
    const [w, h] = [0.13, which ? 0.13 : 0.08];
    const box = { x: centre.x - w / 2, y: centre.y - h / 2, w, h };
    return {
      frame,
      keyframe: frame % every === 0 || frame === frames - 1,
      answers: which === 0 && frame >= 160 && frame < 200 ? { a11: "o111" } : {},
      geometry: which
        ? { type: "rotatable_bounding_box", ...box, theta: 0 }
        : { type: "bounding_box", ...box },
    };
  });
}

const span = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** `many` = how many further tracks of every frame, for measuring. */
function video({ many = 0 }) {
  const objects = [
    { id: "male", node: "male0001", answers: {}, labels: spotTrack(0, 250, 16) },
    { id: "female", node: "female01", answers: {}, labels: spotTrack(1, 250, 24) },
    ...Array.from({ length: many }, (_, index) => ({
      id: `t${index}`,
      node: index % 2 ? "female01" : "male0001",
      answers: {},
      labels: spotTrack(index % 2, VIDEO_FRAMES, 10 + index),
    })),
  ];
  const behaviour = (id, option, frames) => ({
    id,
    node: "behav001",
    frames,
    answers: { a51: `o51${option}` },
  });
  return {
    title: "clip.mp4",
    project: "Courtship video keypoints",
    ontology: VIDEO_ONTOLOGY,
    document: {
      objects,
      classifications: [
        behaviour("b1", 1, span(0, 37)),
        behaviour("b2", 2, span(38, 73)),
        behaviour("b3", 3, [...span(74, 162), ...span(201, 249)]),
        behaviour("b4", 4, span(163, 200)),
      ],
    },
    media: {
      kind: "video",
      frame_count: VIDEO_FRAMES,
      sizes: [[SIDE, SIDE]],
      rate: 25,
      times: null,
      names: null,
    },
    frame: (frame) => ["image/png", videoFrame(frame)],
    compare: (document) => videoComparison(document),
  };
}

/** Gold and a submission that drifts away in the middle and ends early, with what a scorer would say of some frames. */
function videoComparison(document) {
  const submitted = structuredClone(document);
  submitted.objects.forEach((object, index) => {
    object.id = `s${index}`;
    object.labels = object.labels.filter(({ frame }) => frame < 240 || index);
    for (const { frame, geometry } of object.labels)
      geometry.x += index ? 0 : Math.max(0, 0.03 - Math.abs(frame - 120) / 2000);
  });
  const difference = (frame, outcome, value) => ({
    id: `d${frame}`,
    frame,
    outcome,
    gold_id: "male",
    submitted_id: outcome === "missing" ? null : "s0",
    class_name: "Male fly",
    color: "#56B4E9",
    earned: value,
    available: 100,
    sentence: outcome === "missing" ? "not labelled on this frame." : "the box sits too far to the right.",
    criteria: [
      { name: "IoU", value: value / 100, weight: 100, points: value, sentence: `overlap ${value / 100}` },
    ],
  });
  return {
    left: { title: "Gold v1", document },
    right: { title: "Priya Raman", document: submitted },
    score: { earned: 43_100, available: 50_000, percent: 86.2 },
    differences: [
      ...span(100, 140)
        .filter((frame) => frame % 4 === 0)
        .map((frame) => difference(frame, "matched", 60 + Math.abs(frame - 120))),
      ...span(240, 249).map((frame) => difference(frame, "missing", 0)),
    ],
    next_url: null,
    previous_url: null,
  };
}

const GROUP = [
  [640, 480],
  [320, 640],
  [800, 300],
  [256, 256],
  [1024, 768],
];

function group() {
  return {
    title: "Site visit",
    project: "Parking, five pictures",
    ontology: ONTOLOGY,
    document: { objects: [], classifications: [] },
    media: {
      kind: "image_group",
      frame_count: GROUP.length,
      sizes: GROUP,
      rate: null,
      times: null,
      names: GROUP.map((_, index) => `picture-${index + 1}.png`),
    },
    frame: (frame) => [
      "image/png",
      png(...GROUP[frame], (x, y) => 90 + (frame * 25 + (((x >> 6) + (y >> 6)) % 2) * 30)),
    ],
  };
}

const SLICES = 24;
const SLICE = 256;

/** Something like a body: air outside, soft tissue, a bright ring of bone. Values like a CT's. */
function sliceValues(slice) {
  const values = new Int16Array(SLICE * SLICE);
  const size = 0.62 + 0.25 * Math.sin((slice / SLICES) * Math.PI);
  for (let y = 0; y < SLICE; y += 1) {
    for (let x = 0; x < SLICE; x += 1) {
      const reach = Math.hypot((x / SLICE - 0.5) * 2, (y / SLICE - 0.5) * 2.4) / size;
      const organ = Math.hypot((x / SLICE - 0.38) * 6, (y / SLICE - 0.45) * 6);
      let value = -1000;
      if (reach < 1) value = 30 + ((x * 7 + y * 13) % 11) * 4;
      if (reach < 1 && organ < 1) value = 110 + ((x + y) % 5) * 3;
      if (reach > 0.93 && reach < 1) value = 900;
      values[y * SLICE + x] = value;
    }
  }
  return values;
}

function dicom() {
  return {
    title: "CT abdomen",
    project: "Organs",
    ontology: {
      ...VIDEO_ONTOLOGY,
      objects: [
        {
          id: "1",
          name: "Liver",
          color: "#E69F00",
          shape: "polygon",
          featureNodeHash: "liver001",
          attributes: [],
        },
        {
          id: "2",
          name: "Lesion",
          color: "#56B4E9",
          shape: "bounding_box",
          featureNodeHash: "lesion01",
          attributes: [],
        },
      ],
      classifications: [],
    },
    document: { objects: [], classifications: [] },
    media: {
      kind: "dicom",
      frame_count: SLICES,
      sizes: [[SLICE, SLICE]],
      rate: null,
      times: null,
      names: span(0, SLICES - 1).map((slice) => `${(-60 + slice * 5).toFixed(1)} mm`),
      pixels: {
        url: "/frames/{frame}/pixels/?media=dicom",
        min: -1000,
        max: 900,
        window: { center: 40, width: 400 },
        invert: false,
        presets: [
          { name: "Soft tissue", center: 40, width: 400 },
          { name: "Bone", center: 500, width: 1500 },
          { name: "Liver", center: 100, width: 150 },
        ],
      },
    },
    frame: (slice) => [
      "image/png",
      png(SLICE, SLICE, (x, y) => Math.max(0, Math.min(255, 128 + sliceValues(slice)[y * SLICE + x] / 4))),
    ],
    pixels: (slice) => Buffer.from(sliceValues(slice).buffer),
  };
}

const MEDIA = { video, group, dicom };

/** The medium of an address such as /?media=video&tracks=50; null for a single picture. */
export function mediumOf(url) {
  const make = MEDIA[url.searchParams.get("media")];
  if (!make) return null;
  const medium = make({ many: Number(url.searchParams.get("tracks") ?? 0) });
  const ready = Number(url.searchParams.get("ready") ?? medium.media.frame_count);
  return {
    ...medium,
    media: {
      pixels: null,
      ...medium.media,
      frame_url: `/frames/{frame}/?media=${url.searchParams.get("media")}`,
      ready,
      status_url: ready < medium.media.frame_count ? `/status${url.search}` : null,
    },
  };
}
