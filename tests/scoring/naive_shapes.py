"""Similarity of two labels from the definitions: plain Python, no arrays, no geometry library, nothing of the engine.

Areas are cut into horizontal slabs in which no two edges cross: there every piece is a trapezoid, and whether it
belongs is counted edge by edge (even-odd per ring). That covers holes, parts, rings that cross themselves and the
frame without a word about polygons. Masks are sets of pixels, held as one whole number.
"""

from __future__ import annotations

import itertools
import math

FAMILY = {
    "bounding_box": "area",
    "rotatable_bounding_box": "area",
    "polygon": "area",
    "bitmask": "area",
    "polyline": "line",
    "point": "point",
    "skeleton": "skeleton",
}


class Shape:
    """One geometry in pixels of its frame; `is_usable` says whether it can pair at all."""

    def __init__(self, geometry, size):
        self.size = size
        self.type = geometry.get("type")
        self.parts = []  # of areas: [outer ring, holes...], each a list of (x, y)
        self.mask = None  # of bitmasks: a whole number with a bit for each pixel, column by column
        self.points = {}  # of points and skeletons: name -> (x, y)
        self.segment = None  # of lines of two points, cut at the frame
        name = "box" if self.type.endswith("bounding_box") else self.type
        read = getattr(self, f"read_{name}")
        self.is_usable = bool(read(geometry)) and (self.family != "area" or self.area() > 1e-9)

    @property
    def family(self):
        return FAMILY[self.type]

    def read_box(self, geometry):
        width, height = self.size
        values = [geometry[key] for key in ("x", "y", "w", "h")] + [geometry.get("theta", 0.0)]
        if not all(isinstance(one, (int, float)) and math.isfinite(one) for one in values):
            return False
        x, y, w, h = values[0] * width, values[1] * height, values[2] * width, values[3] * height
        turn = math.radians(values[4])
        corners = []
        for dx, dy in ((-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)):
            # y points down, so a positive angle turns clockwise on the screen
            corners.append(
                (
                    x + w / 2 + dx * math.cos(turn) - dy * math.sin(turn),
                    y + h / 2 + dx * math.sin(turn) + dy * math.cos(turn),
                )
            )
        self.parts = [[corners]]
        return w > 0 and h > 0

    def read_polygon(self, geometry):
        width, height = self.size
        self.parts = [
            [[(x * width, y * height) for x, y in ring] for ring in part] for part in geometry["parts"]
        ]
        return True

    def read_bitmask(self, geometry):
        width, height = self.size
        if list(geometry["size"]) != [height, width]:
            return False
        pixels, at, ones = 0, 0, False
        for count in decoded(geometry["counts"]):
            if ones:
                pixels |= ((1 << count) - 1) << at
            at, ones = at + count, not ones
        self.mask = pixels
        return at == width * height

    def read_polyline(self, geometry):
        width, height = self.size
        (x0, y0), (x1, y1) = geometry["points"]
        self.segment = cut((x0 * width, y0 * height), (x1 * width, y1 * height), width, height)
        return self.segment is not None and math.dist(*self.segment) > 1e-6

    def read_point(self, geometry):
        self.points = {"": (geometry["x"] * self.size[0], geometry["y"] * self.size[1])}
        return all(map(math.isfinite, self.points[""]))

    def read_skeleton(self, geometry):
        for name, vertex in geometry["points"].items():
            if vertex.get("v", 2) > 0 and math.isfinite(vertex["x"]) and math.isfinite(vertex["y"]):
                self.points[name] = (vertex["x"] * self.size[0], vertex["y"] * self.size[1])
        return bool(self.points)

    def area(self):
        if self.mask is not None:
            return self.mask.bit_count()
        return shared_area([self.parts, frame_of(self.size)])

    def pixels(self):
        """The pixels whose centres the shape holds: on a left or upper edge they belong, on a right or lower not."""
        if self.mask is None:
            width, height = self.size
            self.mask_of_parts = getattr(self, "mask_of_parts", None) or sum(
                1 << (column * height + row)
                for column in range(width)
                for row in range(height)
                if any(
                    holds(outer, column + 0.5, row + 0.5)
                    and not any(holds(hole, column + 0.5, row + 0.5) for hole in holes)
                    for outer, *holes in self.parts
                )
            )
            return self.mask_of_parts
        return self.mask


def similarity(gold: Shape, own: Shape, function) -> float:
    """0..1; the settings `point_tolerance` and `line_width` of the function count, nothing else of it."""
    if not (gold.is_usable and own.is_usable) or gold.family != own.family:
        return 0.0
    diagonal = math.hypot(*gold.size)
    tolerance = function.get("point_tolerance", 0.01) * diagonal
    if gold.family == "area":
        found = overlap(gold, own)
    elif gold.family == "line":
        radius = function.get("line_width", 0.01) * diagonal / 2
        a, b = ([[capsule(*one.segment, radius)]] for one in (gold, own))
        shared = shared_area([a, b])
        found = shared / (shared_area([a]) + shared_area([b]) - shared)
    elif gold.family == "point":
        found = closeness(gold.points[""], own.points[""], tolerance)
    else:
        xs, ys = zip(*gold.points.values(), strict=True)
        scale = math.sqrt(((max(xs) - min(xs)) ** 2 + (max(ys) - min(ys)) ** 2) / 2)
        spread = tolerance if len(xs) == 1 else max(scale, 0.01 * diagonal) * 0.1
        each = [
            closeness(at, own.points[name], spread) if name in own.points else 0.0
            for name, at in gold.points.items()
        ]
        found = sum(each) / len(each)
    return 1.0 if found > 1 - 1e-9 else found


def overlap(gold: Shape, own: Shape) -> float:
    if gold.mask is not None or own.mask is not None:
        a, b = gold.pixels(), own.pixels()
        return (a & b).bit_count() / (a | b).bit_count()
    boxes = [
        [min(xs), min(ys), max(xs), max(ys)]
        for one in (gold, own)
        for xs, ys in [list(zip(*(at for part in one.parts for at in part[0]), strict=True))]
    ]
    if boxes[0][2] <= boxes[1][0] or boxes[1][2] <= boxes[0][0]:
        return 0.0
    if boxes[0][3] <= boxes[1][1] or boxes[1][3] <= boxes[0][1]:
        return 0.0
    shared = shared_area([gold.parts, own.parts, frame_of(gold.size)])
    return shared / (gold.area() + own.area() - shared)


def closeness(one, other, spread):
    return math.exp(-(math.dist(one, other) ** 2) / (2 * spread * spread))


def frame_of(size):
    width, height = size
    return [[[(0, 0), (width, 0), (width, height), (0, height)]]]


def shared_area(regions) -> float:
    """The area that belongs to all regions. A region: parts, each an outer ring and its holes."""
    edges = []  # (which ring, start, end), start above end
    for number, parts in enumerate(regions):
        for place, part in enumerate(parts):
            for which, ring in enumerate(part):
                for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
                    if start[1] != end[1]:
                        low, high = sorted((start, end), key=lambda at: at[1])
                        edges.append(((number, place, which), low, high))
    levels = {at[1] for _, *ends in edges for at in ends}
    for index, (_, a, b) in enumerate(edges):
        for _, c, d in edges[:index]:
            level = crossing(a, b, c, d)
            if level is not None:
                levels.add(level)
    levels = sorted(levels)
    total = 0.0
    for top, bottom in itertools.pairwise(levels):
        middle = (top + bottom) / 2
        at = sorted(
            (a[0] + (b[0] - a[0]) * (middle - a[1]) / (b[1] - a[1]), ring)
            for ring, a, b in edges
            if a[1] <= top and b[1] >= bottom
        )
        inside = {}
        for (x, ring), (after, _) in itertools.pairwise(at):
            inside[ring] = not inside.get(ring, False)
            if all(
                any(
                    inside.get((number, place, 0))
                    and not any(inside.get((number, place, hole)) for hole in range(1, len(part)))
                    for place, part in enumerate(parts)
                )
                for number, parts in enumerate(regions)
            ):
                total += (after - x) * (bottom - top)
    return total


def crossing(a, b, c, d):
    """The height at which two edges cross, or None."""
    r, s = (b[0] - a[0], b[1] - a[1]), (d[0] - c[0], d[1] - c[1])
    slope = r[0] * s[1] - r[1] * s[0]
    if slope == 0:
        return None
    t = ((c[0] - a[0]) * s[1] - (c[1] - a[1]) * s[0]) / slope
    u = ((c[0] - a[0]) * r[1] - (c[1] - a[1]) * r[0]) / slope
    return a[1] + t * r[1] if 0 <= t <= 1 and 0 <= u <= 1 else None


def holds(ring, x, y):
    """Even-odd with half-open edges."""
    found = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ax <= x) != (bx <= x):
            found ^= ay + (by - ay) * (x - ax) / (bx - ax) <= y
    return found


def cut(a, b, width, height):
    """The piece of a segment inside the frame, or None."""
    enter, leave = 0.0, 1.0
    for start, step, most in ((a[0], b[0] - a[0], width), (a[1], b[1] - a[1], height)):
        if step == 0:
            if not 0 <= start <= most:
                return None
            continue
        first, last = sorted((-start / step, (most - start) / step))
        enter, leave = max(enter, first), min(leave, last)
    if leave <= enter:
        return None
    return tuple((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for t in (enter, leave))


def capsule(a, b, radius):
    """A segment with round ends, 16 pieces a quarter circle."""
    heading = math.atan2(b[1] - a[1], b[0] - a[0])
    ring = []
    for centre, start in ((b, heading - math.pi / 2), (a, heading + math.pi / 2)):
        for step in range(33):
            angle = start + math.pi * step / 32
            ring.append((centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)))
    return ring


def decoded(text):
    """COCO's compressed run lengths."""
    counts, at = [], 0
    while at < len(text):
        value = shift = 0
        more = True
        while more:
            code = ord(text[at]) - 48
            value |= (code & 31) << shift
            more, at, shift = bool(code & 32), at + 1, shift + 5
            if not more and code & 16:
                value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts
