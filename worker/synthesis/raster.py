"""Compiled kernels: z-buffered triangles, orthographic depth maps, deferred shading.

Image convention everywhere: (0, 0) is the outer corner of the top-left pixel, so the centre of
pixel (column i, row j) lies at (i + 0.5, j + 0.5).
"""

# The kernels are typed by numba when they are first called.
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba as nb
import numpy as np

NO_TRIANGLE = -1

_jit = nb.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")


@_jit
def rasterize(points, faces, first_id, near, depth, ids, bary):
    """Draw triangles into a G-buffer, keeping the nearest surface at each pixel centre.

    points: (V, 3) float64, pixel x, pixel y, camera depth z in metres.
    faces: (F, 3) int32. first_id: id written for face 0 (face k gets first_id + k).
    near: triangles with any vertex nearer than this are dropped, so large surfaces behind the
    camera must be tessellated.
    depth: (H, W) float32, in and out, +inf where empty. ids: (H, W) int32. bary: (H, W, 2)
    float32, perspective-correct weights of a triangle's second and third corner.
    """
    height, width = depth.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        az, bz, cz = points[a, 2], points[b, 2], points[c, 2]
        if az < near or bz < near or cz < near:
            continue
        ax, ay = points[a, 0], points[a, 1]
        bx, by = points[b, 0], points[b, 1]
        cx, cy = points[c, 0], points[c, 1]
        x0 = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
        x1 = min(width - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
        y0 = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
        y1 = min(height - 1, int(np.floor(max(ay, by, cy) - 0.5)))
        if x0 > x1 or y0 > y1:
            continue
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-12:
            continue
        inv = 1.0 / area
        ia, ib, ic = 1.0 / az, 1.0 / bz, 1.0 / cz
        for y in range(y0, y1 + 1):
            py = y + 0.5
            for x in range(x0, x1 + 1):
                px = x + 0.5
                w1 = ((px - ax) * (cy - ay) - (py - ay) * (cx - ax)) * inv
                w2 = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) * inv
                w0 = 1.0 - w1 - w2
                if w0 < 0.0 or w1 < 0.0 or w2 < 0.0:
                    continue
                z = 1.0 / (w0 * ia + w1 * ib + w2 * ic)
                if z < depth[y, x]:
                    depth[y, x] = z
                    ids[y, x] = first_id + f
                    bary[y, x, 0] = w1 * ib * z
                    bary[y, x, 1] = w2 * ic * z


@_jit
def depth_map(points, faces, out):
    """Orthographic depth of the surface nearest to a light.

    points: (V, 3) float64 in map pixels (x, y) and metres along the light (z, growing away from
    the light). out: (S, S) float32, in and out, +inf where empty.
    """
    size = out.shape[0]
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
        bx, by, bz = points[b, 0], points[b, 1], points[b, 2]
        cx, cy, cz = points[c, 0], points[c, 1], points[c, 2]
        x0 = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
        x1 = min(size - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
        y0 = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
        y1 = min(size - 1, int(np.floor(max(ay, by, cy) - 0.5)))
        if x0 > x1 or y0 > y1:
            continue
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-12:
            continue
        inv = 1.0 / area
        for y in range(y0, y1 + 1):
            py = y + 0.5
            for x in range(x0, x1 + 1):
                px = x + 0.5
                w1 = ((px - ax) * (cy - ay) - (py - ay) * (cx - ax)) * inv
                w2 = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) * inv
                w0 = 1.0 - w1 - w2
                if w0 < 0.0 or w1 < 0.0 or w2 < 0.0:
                    continue
                z = w0 * az + w1 * bz + w2 * cz
                if z < out[y, x]:
                    out[y, x] = z


@_jit
def lit_fraction(maps, light, u, v, z):
    """Bilinear share of the four nearest map texels that do not shadow a point (0 to 1)."""
    size = maps.shape[1]
    fu, fv = u - 0.5, v - 0.5
    iu, iv = int(np.floor(fu)), int(np.floor(fv))
    if iu < 0 or iv < 0 or iu + 1 >= size or iv + 1 >= size:
        return 1.0
    du, dv = fu - iu, fv - iv
    total = 0.0
    if z <= maps[light, iv, iu]:
        total += (1.0 - du) * (1.0 - dv)
    if z <= maps[light, iv, iu + 1]:
        total += du * (1.0 - dv)
    if z <= maps[light, iv + 1, iu]:
        total += (1.0 - du) * dv
    if z <= maps[light, iv + 1, iu + 1]:
        total += du * dv
    return total


@_jit
def visibility(points, normals, transforms, maps, offset, bias, out):
    """Multiply ``out`` by how much of each light reaches each point past the mapped occluders.

    points, normals: (N, 3). transforms: (L, 3, 4) world to light-map coordinates. maps: (L, S, S).
    offset: metres a point is moved along its normal before the look-up. bias: metres of depth.
    out: (N, L) float32, in and out.
    """
    for n in range(points.shape[0]):
        x = points[n, 0] + offset * normals[n, 0]
        y = points[n, 1] + offset * normals[n, 1]
        z = points[n, 2] + offset * normals[n, 2]
        for k in range(transforms.shape[0]):
            if out[n, k] <= 0.0:
                continue
            t = transforms[k]
            u = t[0, 0] * x + t[0, 1] * y + t[0, 2] * z + t[0, 3]
            v = t[1, 0] * x + t[1, 1] * y + t[1, 2] * z + t[1, 3]
            d = t[2, 0] * x + t[2, 1] * y + t[2, 2] * z + t[2, 3]
            out[n, k] *= lit_fraction(maps, k, u, v, d - bias)


@_jit
def sample(atlas, levels, texture, u, v, footprint, out):
    """Trilinear look-up of a wrapped texture.

    atlas: (T, 3) float32, all mip levels of all textures row by row. levels: (textures, M, 3)
    int64 of (offset, width, height). footprint: size of an image pixel in level-0 texels.
    """
    count = levels.shape[1]
    lod = np.log2(max(footprint, 1.0))
    lod = min(lod, count - 1.001)
    base = int(lod)
    blend = lod - base
    out[0] = out[1] = out[2] = 0.0
    for step in range(2):
        weight = 1.0 - blend if step == 0 else blend
        if weight <= 0.0:
            continue
        level = base + step
        start, w, h = (
            levels[texture, level, 0],
            levels[texture, level, 1],
            levels[texture, level, 2],
        )
        x = (u - np.floor(u)) * w - 0.5
        y = (v - np.floor(v)) * h - 0.5
        ix, iy = int(np.floor(x)), int(np.floor(y))
        fx, fy = x - ix, y - iy
        xa, xb = ix % w, (ix + 1) % w
        ya, yb = iy % h, (iy + 1) % h
        for c in range(3):
            top = atlas[start + ya * w + xa, c] * (1 - fx) + atlas[start + ya * w + xb, c] * fx
            low = atlas[start + yb * w + xa, c] * (1 - fx) + atlas[start + yb * w + xb, c] * fx
            out[c] += weight * (top * (1 - fy) + low * fy)


@_jit
def surface(
    rows, cols, depth, ids, bary, faces, vertices, normals, uv, face_texture, light, texel_density,
    atlas, levels, rotation, centre, fx, fy, cx, cy, points, shading_normals, albedo, shading,
):  # fmt: skip
    """Position, normal, colour and interpolated light of the surface behind the listed pixels.

    rows, cols: (N,) int32. faces, vertices, normals, uv: the scene's triangle soup. face_texture:
    (F,) int32. light: (V, 4) values to interpolate. texel_density: (textures,) texels per metre.
    rotation (3, 3): camera to world; centre (3,): the camera in the world. points,
    shading_normals, albedo: (N, 3) out. shading: (N, 4) out.
    """
    colour = np.zeros(3, np.float32)
    for n in range(rows.shape[0]):
        r, q = rows[n], cols[n]
        f = ids[r, q]
        z = depth[r, q]
        xc = (q + 0.5 - cx) / fx * z
        yc = (r + 0.5 - cy) / fy * z
        w1, w2 = bary[r, q, 0], bary[r, q, 1]
        w0 = 1.0 - w1 - w2
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        length = 0.0
        facing = 0.0
        for k in range(3):
            points[n, k] = (
                rotation[k, 0] * xc + rotation[k, 1] * yc + rotation[k, 2] * z + centre[k]
            )
            shading_normals[n, k] = w0 * normals[a, k] + w1 * normals[b, k] + w2 * normals[c, k]
            length += shading_normals[n, k] ** 2
        length = np.sqrt(max(length, 1e-12))
        distance = 1e-9
        for k in range(3):
            shading_normals[n, k] /= length
            facing += shading_normals[n, k] * (centre[k] - points[n, k])
            distance += (centre[k] - points[n, k]) ** 2
        distance = np.sqrt(distance)
        slant = max(abs(facing) / distance, 0.12)
        t = face_texture[f]
        u = w0 * uv[a, 0] + w1 * uv[b, 0] + w2 * uv[c, 0]
        v = w0 * uv[a, 1] + w1 * uv[b, 1] + w2 * uv[c, 1]
        footprint = z / fx * texel_density[t] / np.sqrt(slant)
        sample(atlas, levels, t, u, v, footprint, colour)
        for k in range(3):
            albedo[n, k] = colour[k]
        for k in range(4):
            shading[n, k] = w0 * light[a, k] + w1 * light[b, k] + w2 * light[c, k]


@_jit
def irradiance(normals, lit, directions, powers, bounce, wrap, out):
    """Sum of many directional lights, each weighted by its visibility, plus light from below.

    normals: (N, 3). lit: (N, L) float32 in 0..1. directions: (L, 3) towards the light. powers:
    (L, 3). bounce: (3,) light from the floor. wrap: (N, 3) per-channel wrap of the cosine (skin
    scatters red further). out: (N, 3).
    """
    for n in range(normals.shape[0]):
        nx, ny, nz = normals[n, 0], normals[n, 1], normals[n, 2]
        below = 0.5 - 0.5 * nz
        r, g, b = bounce[0] * below, bounce[1] * below, bounce[2] * below
        wr, wg, wb = wrap[n, 0], wrap[n, 1], wrap[n, 2]
        for k in range(directions.shape[0]):
            reach = lit[n, k]
            if reach <= 0.0:
                continue
            cosine = nx * directions[k, 0] + ny * directions[k, 1] + nz * directions[k, 2]
            r += powers[k, 0] * reach * max(0.0, (cosine + wr) / (1.0 + wr))
            g += powers[k, 1] * reach * max(0.0, (cosine + wg) / (1.0 + wg))
            b += powers[k, 2] * reach * max(0.0, (cosine + wb) / (1.0 + wb))
        out[n, 0] = r
        out[n, 1] = g
        out[n, 2] = b


@_jit
def shade(
    depth, ids, bary, room_faces, faces, vertices, normals, uv, face_texture, light,
    texel_density, atlas, levels, rotation, centre, fx, fy, cx, cy, directions, powers, bounce,
    room_transforms, room_maps, transforms, maps, low, high, out,
):  # fmt: skip
    """Light every pixel of a picture that is rendered once, in one pass.

    The first ``room_faces`` faces are the room: light reaches them past the occluders in both sets
    of shadow maps, the second of which counts between the corners low and high (3,). The others
    are people, lit at their vertices: light (V, 4) holds RGB and sheen. out: (H, W, 3) float32.
    The rest is as in :func:`surface`, :func:`visibility` and :func:`irradiance`.
    """
    colour = np.zeros(3, np.float32)
    p = np.zeros(3)
    n = np.zeros(3)
    for r in range(ids.shape[0]):
        for q in range(ids.shape[1]):
            f = ids[r, q]
            if f < 0:
                continue
            z = depth[r, q]
            xc = (q + 0.5 - cx) / fx * z
            yc = (r + 0.5 - cy) / fy * z
            w1, w2 = bary[r, q, 0], bary[r, q, 1]
            w0 = 1.0 - w1 - w2
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            length, facing, distance = 0.0, 0.0, 1e-9
            for k in range(3):
                p[k] = rotation[k, 0] * xc + rotation[k, 1] * yc + rotation[k, 2] * z + centre[k]
                n[k] = w0 * normals[a, k] + w1 * normals[b, k] + w2 * normals[c, k]
                length += n[k] ** 2
                facing += n[k] * (centre[k] - p[k])
                distance += (centre[k] - p[k]) ** 2
            length = np.sqrt(max(length, 1e-12))
            slant = max(abs(facing) / (length * np.sqrt(distance)), 0.12)
            t = face_texture[f]
            u = w0 * uv[a, 0] + w1 * uv[b, 0] + w2 * uv[c, 0]
            v = w0 * uv[a, 1] + w1 * uv[b, 1] + w2 * uv[c, 1]
            sample(atlas, levels, t, u, v, z / fx * texel_density[t] / np.sqrt(slant), colour)
            if f >= room_faces:
                sheen = w0 * light[a, 3] + w1 * light[b, 3] + w2 * light[c, 3]
                for k in range(3):
                    shine = w0 * light[a, k] + w1 * light[b, k] + w2 * light[c, k]
                    out[r, q, k] = colour[k] * shine + sheen
                continue
            nx, ny, nz = n[0] / length, n[1] / length, n[2] / length
            below = 0.5 - 0.5 * nz
            red, green, blue = bounce[0] * below, bounce[1] * below, bounce[2] * below
            near = True
            for k in range(3):
                near = near and low[k] < p[k] < high[k]
            for k in range(directions.shape[0]):
                reach = nx * directions[k, 0] + ny * directions[k, 1] + nz * directions[k, 2]
                if reach <= 0.0:
                    continue
                x, y, h = p[0] + 0.012 * nx, p[1] + 0.012 * ny, p[2] + 0.012 * nz
                m = room_transforms[k]
                mu = m[0, 0] * x + m[0, 1] * y + m[0, 2] * h + m[0, 3]
                mv = m[1, 0] * x + m[1, 1] * y + m[1, 2] * h + m[1, 3]
                md = m[2, 0] * x + m[2, 1] * y + m[2, 2] * h + m[2, 3]
                reach *= lit_fraction(room_maps, k, mu, mv, md - 0.012)
                if reach > 0.0 and near:
                    m = transforms[k]
                    mu = m[0, 0] * p[0] + m[0, 1] * p[1] + m[0, 2] * p[2] + m[0, 3]
                    mv = m[1, 0] * p[0] + m[1, 1] * p[1] + m[1, 2] * p[2] + m[1, 3]
                    md = m[2, 0] * p[0] + m[2, 1] * p[1] + m[2, 2] * p[2] + m[2, 3]
                    reach *= lit_fraction(maps, k, mu, mv, md - 0.002)
                red += powers[k, 0] * reach
                green += powers[k, 1] * reach
                blue += powers[k, 2] * reach
            out[r, q, 0] = colour[0] * red
            out[r, q, 1] = colour[1] * green
            out[r, q, 2] = colour[2] * blue
