/** One task in memory: ontology, picture, labels, and the save API's rules (revision, key, stale). */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { geometryFromMask } from "../../../static/js/editor/run_length.js";

const option = (id, label, options = []) => ({
  id,
  label,
  value: label.toLowerCase().replaceAll(" ", "_"),
  featureNodeHash: `o${id.replaceAll(".", "")}`,
  options,
});
const attribute = (id, name, type, more = {}) => ({
  id,
  name,
  type,
  featureNodeHash: `a${id.replaceAll(".", "")}`,
  required: false,
  archived: false,
  dynamic: false,
  ...more,
});

/** The ontology of the mock-ups: nested answers, a required number, a checklist, a frame-level classification. */
export const ONTOLOGY = {
  objects: [
    {
      id: "1",
      name: "White blood cell",
      color: "#D55E00",
      shape: "bounding_box",
      featureNodeHash: "wbc00001",
      attributes: [
        attribute("1.1", "Cell type", "radio", {
          options: [
            option("1.1.1", "Neutrophil", [
              attribute("1.1.1.1", "Nucleus lobes", "numeric", { required: true }),
            ]),
            option("1.1.2", "Lymphocyte"),
            option("1.1.3", "Monocyte"),
            option("1.1.4", "Eosinophil"),
            option("1.1.5", "Basophil"),
          ],
        }),
        attribute("1.2", "Cell complete", "radio", {
          options: [option("1.2.1", "Yes"), option("1.2.2", "No, cut by the edge")],
        }),
        attribute("1.3", "Remark", "text"),
      ],
    },
    {
      id: "2",
      name: "Red blood cell",
      color: "#0072B2",
      shape: "bounding_box",
      featureNodeHash: "rbc00001",
      attributes: [],
    },
    {
      id: "3",
      name: "Platelet",
      color: "#009E73",
      shape: "bounding_box",
      featureNodeHash: "plt00001",
      attributes: [],
    },
    {
      id: "4",
      name: "Stain artefact",
      color: "#CC79A7",
      shape: "polygon",
      featureNodeHash: "art00001",
      attributes: [],
    },
  ],
  classifications: [
    {
      id: "5",
      featureNodeHash: "smear001",
      color: "#7A5AA6",
      attributes: [
        attribute("5.1", "Smear quality", "radio", {
          required: true,
          options: [
            option("5.1.1", "Good"),
            option("5.1.2", "Thick"),
            option("5.1.3", "Over-stained and very long"),
          ],
        }),
      ],
    },
    {
      id: "6",
      featureNodeHash: "probl001",
      color: "#56B4E9",
      attributes: [
        attribute("6.1", "Problems", "checklist", {
          options: [
            option("6.1.1", "Uneven stain"),
            option("6.1.2", "Overlapping cells"),
            option("6.1.3", "Out of focus"),
          ],
        }),
      ],
    },
  ],
  skeleton_templates: [],
};

const MORE_SHAPES = [
  {
    id: "11",
    name: "Turned box",
    color: "#E69F00",
    shape: "rotatable_bounding_box",
    featureNodeHash: "rot00001",
    attributes: [],
  },
  {
    id: "12",
    name: "Line",
    color: "#56B4E9",
    shape: "polyline",
    featureNodeHash: "lin00001",
    attributes: [],
  },
  {
    id: "13",
    name: "Landmark",
    color: "#7A5AA6",
    shape: "point",
    featureNodeHash: "poi00001",
    attributes: [],
  },
  { id: "14", name: "Mask", color: "#009E73", shape: "bitmask", featureNodeHash: "msk00001", attributes: [] },
  {
    id: "15",
    name: "Male fly",
    color: "#56B4E9",
    shape: "skeleton",
    featureNodeHash: "fly00001",
    skeletonTemplate: "fly",
    attributes: [],
  },
];

/** A fly in seven vertices; the thorax is connected to all others. */
export const FLY = {
  name: "fly",
  shape: "skeleton",
  featureNodeHash: "templ001",
  width: 1,
  height: 1,
  skeleton: Object.fromEntries(
    [
      ["head", 0.5, 0.05],
      ["thorax", 0.5, 0.35],
      ["abdomen", 0.5, 0.95],
      ["left wing", 0.1, 0.8],
      ["right wing", 0.9, 0.8],
      ["left foreleg", 0.15, 0.1],
      ["right foreleg", 0.85, 0.1],
    ].map(([name, x, y], index) => [String(index), { name, x, y, color: "#000000", featureHash: `v${index}` }]),
  ),
  skeletonEdges: { 1: Object.fromEntries([0, 2, 3, 4, 5, 6].map((end) => [end, { color: "#000000" }])) },
};

const CLASS_OF = { WBC: "wbc00001", RBC: "rbc00001", Platelets: "plt00001" };

function vocBoxes(xml, width, height) {
  return [...xml.matchAll(/<object>[\s\S]*?<\/object>/g)].map(([object], index) => {
    const value = (tag) => new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(object)[1];
    const [x, y, right, bottom] = ["xmin", "ymin", "xmax", "ymax"].map((tag) => Number(value(tag)));
    return {
      id: `voc-${index}`,
      node: CLASS_OF[value("name")],
      answers: {},
      labels: [
        {
          frame: 0,
          keyframe: true,
          answers: {},
          geometry: {
            type: "bounding_box",
            x: x / width,
            y: y / height,
            w: (right - x) / width,
            h: (bottom - y) / height,
          },
        },
      ],
    };
  });
}

/** Polygons of twelve vertices in a grid, for measuring. */
function manyPolygons(count) {
  const columns = Math.ceil(Math.sqrt(count));
  return Array.from({ length: count }, (_, index) => {
    const cx = ((index % columns) + 0.5) / columns;
    const cy = (Math.floor(index / columns) + 0.5) / columns;
    const ring = Array.from({ length: 12 }, (_, k) => {
      const reach = (0.42 + 0.08 * Math.sin(index + k * 3)) / columns;
      return [cx + reach * Math.cos((k * Math.PI) / 6), cy + reach * Math.sin((k * Math.PI) / 6)];
    });
    return {
      id: `p-${index}`,
      node: "art00001",
      answers: {},
      labels: [{ frame: 0, keyframe: true, answers: {}, geometry: { type: "polygon", parts: [[ring]] } }],
    };
  });
}

function ringMask(height, width) {
  const mask = new Uint8Array(height * width);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const distance = Math.hypot(x - 500, y - 380);
      if (distance < 70 && distance > 30) mask[y * width + x] = 1;
    }
  }
  return geometryFromMask(mask, [height, width]);
}

function everyShape() {
  const on = (id, node, geometry) => ({
    id,
    node,
    answers: {},
    labels: [{ frame: 0, keyframe: true, answers: {}, geometry }],
  });
  return [
    on("rot", "rot00001", { type: "rotatable_bounding_box", x: 0.1, y: 0.1, w: 0.2, h: 0.12, theta: 30 }),
    on("line", "lin00001", {
      type: "polyline",
      points: [
        [0.4, 0.1],
        [0.5, 0.25],
        [0.65, 0.12],
        [0.8, 0.3],
      ],
    }),
    on("spot", "poi00001", { type: "point", x: 0.75, y: 0.7 }),
    on("hole", "art00001", {
      type: "polygon",
      parts: [
        [
          [
            [0.1, 0.5],
            [0.4, 0.5],
            [0.4, 0.9],
            [0.1, 0.9],
          ],
          [
            [0.2, 0.6],
            [0.3, 0.6],
            [0.3, 0.8],
            [0.2, 0.8],
          ],
        ],
      ],
    }),
    on("mask", "msk00001", ringMask(480, 640)),
    on("fly", "fly00001", {
      type: "skeleton",
      points: {
        head: { x: 0.5, y: 0.45, v: 2 },
        thorax: { x: 0.52, y: 0.55, v: 2 },
        abdomen: { x: 0.55, y: 0.7, v: 2 },
        "left wing": { x: 0.47, y: 0.68, v: 2 },
        "right wing": { x: 0.62, y: 0.66, v: 1 },
        "left foreleg": { x: 0.45, y: 0.5, v: 2 },
        "right foreleg": { x: 0, y: 0, v: 0 },
      },
    }),
  ];
}

/** The media block of a single picture. */
const single = (url, width, height) => ({
  kind: "image",
  frame_count: 1,
  frame_url: url,
  sizes: [[width, height]],
  rate: null,
  times: null,
  names: null,
  ready: 1,
  status_url: null,
  pixels: null,
});

async function blankPicture() {
  return {
    media: single("/picture.svg", 640, 480),
    title: "drawn.svg",
    objects: [],
  };
}

async function bloodPicture(data, name = "BloodImage_00010") {
  const xml = await readFile(path.join(data, "gold", `${name}.xml`), "utf8");
  return {
    media: single(`/image?name=${name}.jpg`, 640, 480),
    title: `${name}.jpg`,
    objects: vocBoxes(xml, 640, 480),
  };
}

/** The same labels with mistakes, and the differences that a scorer would find. */
function comparison(objects) {
  const shifted = objects.map((object, index) => ({
    ...object,
    id: `s-${index}`,
    labels: object.labels.map((label) => ({
      ...label,
      geometry: {
        ...label.geometry,
        x: Math.min(label.geometry.x + (index ? 0.004 : 0.05), 1 - label.geometry.w),
        y: Math.min(label.geometry.y + (index ? 0 : 0.03), 1 - label.geometry.h),
      },
    })),
  }));
  const submitted = shifted.filter((_, index) => index !== 3);
  const nameOf = {
    wbc00001: ["White blood cell", "#D55E00"],
    rbc00001: ["Red blood cell", "#0072B2"],
    plt00001: ["Platelet", "#009E73"],
  };
  const differences = [0, 3, 5, 6].map((index) => {
    const [class_name, color] = nameOf[objects[index].node];
    const missing = index === 3;
    const iou = missing ? 0 : index ? 186 : 143;
    const criteria = [
      {
        name: "IoU",
        value: iou / 200,
        weight: 200,
        points: iou,
        sentence: missing ? "not labelled" : `overlap ${(iou / 200).toFixed(3)} of the two boxes`,
      },
      {
        name: "Category",
        value: missing ? 0 : 1,
        weight: 100,
        points: missing ? 0 : 100,
        sentence: class_name,
      },
      ...(index
        ? []
        : [
            {
              name: "Cell type",
              value: 0,
              weight: 100,
              points: 0,
              sentence: "Eosinophil, gold says Neutrophil",
            },
          ]),
    ];
    return {
      id: `d-${index}`,
      frame: 0,
      outcome: missing ? "missing" : "matched",
      gold_id: objects[index].id,
      submitted_id: missing ? null : `s-${index}`,
      class_name,
      color,
      earned: criteria.reduce((sum, row) => sum + row.points, 0),
      available: criteria.reduce((sum, row) => sum + row.weight, 0),
      sentence: missing
        ? "Not labelled: cell at the left edge."
        : index
          ? "Box reaches 3 px too far to the right."
          : "Cell type is Eosinophil, gold says Neutrophil. Box sits too far right and down.",
      criteria,
    };
  });
  return {
    left: { title: "Gold v2", document: { objects, classifications: [] } },
    right: { title: "Priya Raman", document: { objects: submitted, classifications: [] } },
    score: { earned: 2027, available: 2640, percent: 76.8 },
    differences,
    next_url: "/?mode=compare",
    previous_url: null,
  };
}

const clone = (value) => JSON.parse(JSON.stringify(value));

function apply(document, { upserts, deletes }) {
  const gone = new Set(deletes.instances);
  const objects = document.objects.filter(({ id }) => !gone.has(id));
  const classifications = document.classifications.filter(({ id }) => !gone.has(id));
  for (const { kind, ...instance } of upserts.instances) {
    const list = kind === "object" ? objects : classifications;
    const known = list.find(({ id }) => id === instance.id);
    if (known) Object.assign(known, instance);
    else list.push(kind === "object" ? { ...instance, labels: [] } : instance);
  }
  for (const { instance, ...label } of upserts.labels) {
    const object = objects.find(({ id }) => id === instance);
    object.labels = [...object.labels.filter(({ frame }) => frame !== label.frame), label];
  }
  for (const [id, frame] of deletes.labels) {
    const object = objects.find((other) => other.id === id);
    object.labels = object.labels.filter((label) => label.frame !== frame);
  }
  return { objects, classifications };
}

export async function createTask({ key, url, data, medium = null }) {
  const mode = url.searchParams.get("mode") ?? "annotate";
  const shapes = url.searchParams.get("shapes");
  const picture = data ? await bloodPicture(data) : await blankPicture();
  if (shapes === "all") picture.objects = everyShape();
  else if (shapes) picture.objects = manyPolygons(Number(shapes));
  else if (picture.objects[0]) picture.objects[0].answers = { a11: "o111" };
  const ontology =
    shapes === "all"
      ? { ...ONTOLOGY, objects: [...ONTOLOGY.objects, ...MORE_SHAPES], skeleton_templates: [FLY] }
      : ONTOLOGY;
  if (medium) Object.assign(picture, medium, { objects: medium.document.objects });
  const start = medium?.document ?? {
    objects: clone(picture.objects),
    classifications: [{ id: "smear", node: "smear001", frames: [0], answers: { a51: "o512" } }],
  };
  const query = url.search.replace(/[&?]theme=\w+/, "");
  const endpoint = (name) => `/${name}${query}`;
  return {
    document: start,
    revision: 7,
    submitted: null,
    config() {
      return {
        mode,
        task: {
          id: key,
          title: picture.title,
          position: 18,
          total: 40,
          state: "assigned",
          state_label: "Assigned",
        },
        project: { title: picture.project ?? "Blood smear boxes, cohort 7" },
        media: picture.media,
        ontology: picture.ontology ?? ontology,
        document: clone(this.document),
        revision: this.revision,
        endpoints: {
          document: endpoint("document"),
          save: endpoint("save"),
          submit: endpoint("submit"),
          skip: endpoint("skip"),
          back: "/",
          next: mode === "compare" ? "/?mode=compare" : null,
          previous: null,
          instructions: "/instructions",
          approve: null,
          settings: "/settings",
        },
        actions:
          mode === "annotate"
            ? [
                { key: "skip", label: "Skip" },
                { key: "submit", label: "Submit", primary: true },
              ]
            : [],
        user: { id: "u1", name: "Amara Okafor" },
        settings: {},
        ...(mode === "compare" ? { compare: (picture.compare ?? (({ objects }) => comparison(objects)))(clone(start)) } : {}),
      };
    },
    changeElsewhere() {
      const [first, ...rest] = clone(this.document.objects);
      this.document = { ...this.document, objects: first ? rest : [] };
      this.revision += 1;
    },
    save(body) {
      if (body.revision !== this.revision)
        return [
          409,
          {
            error: "stale",
            revision: this.revision,
            document: clone(this.document),
            by: "Daniel Mensah",
            at: new Date().toISOString(),
          },
        ];
      this.document = apply(clone(this.document), body);
      this.revision += 1;
      return [200, { revision: this.revision, saved_at: new Date().toISOString() }];
    },
    submit(body) {
      if (this.submitted?.key === body.key) return [200, this.submitted.result];
      if (this.submitted)
        return [
          409,
          {
            error: "already_submitted",
            at: this.submitted.result.submitted_at,
            message: "This task was already submitted.",
          },
        ];
      const saved = this.save(body);
      if (saved[0] !== 200) return saved;
      this.submitted = {
        key: body.key,
        result: { submitted_at: new Date().toISOString(), next_url: "/?task=2" },
      };
      return [200, this.submitted.result];
    },
    skip: () => [200, { next_url: "/?task=2" }],
  };
}
