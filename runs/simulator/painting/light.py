"""Light on round things: bodies of revolution and soft reliefs, shaded per pixel under studio lamps.

The shading runs in skia's own shading language: a key softbox, a rim strip, an overhead lamp and the colours
of the set, reflected by how rough, metallic or clear the material is. All is worked out in linear light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import skia

from .brush import Point, clipped
from .colour import WHITE, Rgb, argb

type Floats = np.ndarray[Any, np.dtype[np.float32]]

_SAMPLES = 256
_RELIEF_PIXELS = (20.0, 160.0)
_BAND_ROWS = 64

_LAMPS = """
uniform float3 key; uniform float3 wall; uniform float3 ground; uniform float3 lamp;
uniform float gloss; uniform float rough; uniform float metal; uniform float clear; uniform float side;

float panel(float at, float width, float soft) {
  return smoothstep(width + soft, max(width - soft, 0.0), abs(at));
}

float3 around(float3 r) {
  float3 c = mix(ground * .55, wall * .8, smoothstep(-.35, .25, r.y));
  float az = atan(r.x, r.z) * side;
  c *= mix(.35, 1.0, smoothstep(2.9, 1.7, abs(az)));
  float tall = smoothstep(1.0, .55, abs(r.y - .1));
  c += lamp * 3.0 * panel(az - 1.05, .30, .03 + rough * .5) * tall;
  c += lamp * 1.5 * panel(az + 2.05, .16, .03 + rough * .35) * tall;
  c += lamp * 1.1 * smoothstep(.55 - rough * .3, .95, r.y);
  return c;
}

half4 lit(float4 skin, float3 n, float shade) {
  float3 eye = float3(0, .13, .9915);
  float3 albedo = pow(skin.rgb / max(skin.a, .001), float3(2.2));
  float facing = clamp(dot(n, eye), 0.0, 1.0);
  float wrap = clamp((dot(n, key) + .35) / 1.35, 0.0, 1.0);
  float3 ambient = mix(ground * .34, wall * .42 + .05, n.y * .5 + .5);
  float3 c = albedo * (lamp * wrap * wrap * 1.02 + ambient) * (1.0 - metal * .85);
  float fresnel = mix(.05, 1.0, pow(1.0 - facing, 5.0)) * (1.0 - rough * .55);
  float3 mirror = around(2.0 * facing * n - eye) * gloss;
  float3 shine = mirror * mix(float3(fresnel), albedo * .92 + .04, metal);
  float a = mix(skin.a, 1.0, clear * pow(1.0 - facing, 1.6) * .55);
  float glint = clamp(max(shine.r, max(shine.g, shine.b)) * clear, 0.0, 1.0);
  c = (c + shine / max(a, .25)) * shade;
  c = c / (1.0 + max(c - .75, 0.0) * .55);
  a = clamp(a + glint, 0.0, 1.0);
  return half4(half3(pow(clamp(c, 0.0, 1.0), float3(1.0 / 2.2)) * a), a);
}
"""
_TURNED = (
    _LAMPS
    + """
uniform float2 top; uniform float2 size; uniform float tilt; uniform float2 sheet;
uniform shader profile; uniform shader skin;

half4 main(float2 p) {
  float y = (p.y - top.y) / size.y;
  float v = y; float u = 0.0; float nz = 1.0; float2 edge = float2(1, 0);
  for (int i = 0; i < 3; i++) {
    edge = profile.eval(float2(clamp(v, 0.0, 1.0) * 255.0 + .5, .5)).rg;
    u = clamp((p.x - top.x) / max(size.x * edge.x, .5), -1.0, 1.0);
    nz = sqrt(1.0 - u * u);
    v = y - tilt * edge.x * size.x * nz / size.y;
  }
  float3 n = normalize(float3(u, edge.y, nz));
  float4 s = skin.eval(float2((asin(u) / 3.14159 + .5) * sheet.x, clamp(v, 0.0, 1.0) * sheet.y));
  return lit(s, n, mix(.62, 1.0, smoothstep(1.0, .93, v)));
}
"""
)
_RELIEF = (
    _LAMPS
    + """
uniform float2 corner; uniform float scale;
uniform shader shape; uniform shader skin;

half4 main(float2 p) {
  float4 m = shape.eval((p - corner) * scale);
  return lit(skin.eval(p - corner), normalize(float3(m.r, m.g, max(m.b, .02))), 1.0);
}
"""
)


@dataclass(frozen=True, slots=True)
class Material:
    """How a surface answers light; all 0 to 1."""

    gloss: float = 0.5
    """how much of the room it mirrors"""
    rough: float = 0.35
    """0 sharp reflections, 1 none that one could name"""
    metal: float = 0.0
    clear: float = 0.0
    """glass: the skin's alpha shows what is behind, edges and glints do not"""


MATTE = Material(gloss=0.35, rough=0.9)
SATIN = Material(gloss=0.7, rough=0.5)
GLOSS = Material(gloss=1.0, rough=0.12)
METAL = Material(gloss=1.0, rough=0.22, metal=0.9)
ENAMEL = Material(gloss=1.0, rough=0.2, metal=0.35)
GLASS = Material(gloss=1.0, rough=0.05, clear=1.0)


@dataclass(frozen=True, slots=True)
class Light:
    """The lamps of a set and the colours they throw back."""

    side: int
    """where the key light stands: -1 left, 1 right"""
    wall: Rgb
    ground: Rgb
    lamp: Rgb = WHITE
    height: float = 0.55

    def uniforms(self, builder: skia.RuntimeShaderBuilder, material: Material) -> None:
        """Set what the shader reads of the lamps and of this material; colours go in as linear light."""
        x, y, z = 0.62 * self.side, self.height, 0.62
        length = math.sqrt(x * x + y * y + z * z)
        builder.setUniform("key", skia.V3(x / length, y / length, z / length))
        for name, colour in (("wall", self.wall), ("ground", self.ground), ("lamp", self.lamp)):
            builder.setUniform(name, skia.V3(*(part**2.2 for part in colour)))
        for name in ("gloss", "rough", "metal", "clear"):
            builder.setUniform(name, float(getattr(material, name)))
        builder.setUniform("side", float(self.side))


@dataclass(frozen=True, slots=True)
class Turned:
    """A body of revolution: (place 0 top to 1 bottom, radius 0 to 1) pairs, on its axis."""

    profile: tuple[Point, ...]
    cx: float
    top: float
    height: float
    radius: float
    tilt: float = 0.13
    """height of its circles as the camera sees them, by width"""
    rounding: float = 0.012
    """corners are rounded over this share of the height"""

    def edges(self) -> tuple[Floats, Floats]:
        """256 radii from top to bottom and their slopes, in pixels a pixel."""
        places, radii = zip(*self.profile, strict=True)
        steps = np.linspace(0, 1, _SAMPLES)
        curve = np.interp(steps, places, radii)
        reach = max(1, round(self.rounding * _SAMPLES))
        padded = np.pad(curve, reach, mode="edge")
        window = np.hanning(2 * reach + 3)[1:-1]
        curve = np.convolve(padded, window / window.sum(), mode="valid")
        slope = np.gradient(curve, 1 / (_SAMPLES - 1)) * self.radius / self.height
        return curve.astype(np.float32), slope.astype(np.float32)

    def outline(self) -> skia.Path:
        """Its silhouette, the near half of the bottom circle and the far half of the top one included."""
        curve, _ = self.edges()
        low, high = float(curve[-1]) * self.radius, float(curve[0]) * self.radius
        path = skia.Path()
        down = [(self.cx + r * self.radius, self.top + i / 255 * self.height) for i, r in enumerate(curve)]
        up = [(2 * self.cx - x, y) for x, y in reversed(down)]
        path.addPoly([skia.Point(x, y) for x, y in down], False)
        bottom = self.top + self.height
        path.arcTo(_box(self.cx, bottom, low, low * self.tilt), 0, 180, False)
        for x, y in up:
            path.lineTo(x, y)
        path.arcTo(_box(self.cx, self.top, high, high * self.tilt), 180, 180, False)
        path.close()
        return path


def turn(
    canvas: skia.Canvas,
    body: Turned,
    skin: skia.Image | Rgb,
    material: Material,
    light: Light,
    alpha: float = 1.0,
) -> None:
    """Draw a body of revolution. A skin image is wrapped round its front half, a colour covers it."""
    curve, slope = body.edges()
    data = np.zeros((1, _SAMPLES, 4), np.float32)
    data[0, :, 0], data[0, :, 1], data[0, :, 3] = curve, slope, 1
    builder = skia.RuntimeShaderBuilder(_effect(_TURNED))
    light.uniforms(builder, material)
    builder.setUniform("top", skia.V2(body.cx, body.top))
    builder.setUniform("size", skia.V2(body.radius, body.height))
    builder.setUniform("tilt", body.tilt)
    builder.setUniform(
        "sheet", skia.V2(*((1, 1) if isinstance(skin, tuple) else (skin.width(), skin.height())))
    )
    builder.setChild("profile", _image_shader(_floats(data)))
    builder.setChild("skin", _skin_shader(skin, alpha))
    _cover(canvas, body.outline(), builder)


def puff(
    canvas: skia.Canvas,
    path: skia.Path,
    bulge: float,
    skin: skia.Image | Rgb,
    material: Material,
    light: Light,
    alpha: float = 1.0,
) -> None:
    """Draw a shape blown up like a cushion, `bulge` pixels high. A skin image lies over its bounds."""
    bounds = path.getBounds()
    longest = max(bounds.width(), bounds.height(), 1.0)
    scale = min(max(longest / 1.5, _RELIEF_PIXELS[0]), _RELIEF_PIXELS[1]) / longest
    builder = skia.RuntimeShaderBuilder(_effect(_RELIEF))
    light.uniforms(builder, material)
    builder.setUniform("corner", skia.V2(bounds.left(), bounds.top()))
    builder.setUniform("scale", scale)
    builder.setChild("shape", _image_shader(_relief(path, bounds, scale, bulge)))
    builder.setChild("skin", _skin_shader(skin, alpha))
    _cover(canvas, path, builder)


def _cover(canvas: skia.Canvas, path: skia.Path, builder: skia.RuntimeShaderBuilder) -> None:
    # In bands, because skia keeps Python's lock while it draws: another thread's turn comes in between.
    paint = skia.Paint(Shader=builder.makeShader(), Dither=True)
    bounds = path.getBounds()
    with clipped(canvas, path):
        y = math.floor(bounds.top())
        while y < bounds.bottom():
            canvas.drawRect(skia.Rect.MakeXYWH(bounds.left() - 1, y, bounds.width() + 2, _BAND_ROWS), paint)
            y += _BAND_ROWS


def _relief(path: skia.Path, bounds: skia.Rect, scale: float, bulge: float) -> skia.Image:
    width, height = math.ceil(bounds.width() * scale) + 1, math.ceil(bounds.height() * scale) + 1
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.scale(scale, scale)
    canvas.translate(-bounds.left(), -bounds.top())
    canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=argb(WHITE)))
    mask = np.pad(surface.toarray(colorType=skia.kRGBA_8888_ColorType)[..., 3].astype(np.float32) / 255, 8)
    heights = _inflate(mask) * bulge * scale
    rise, run = np.gradient(heights)
    normals = np.dstack([-run, rise, np.ones_like(rise), np.ones_like(rise)])
    normals[..., :3] /= np.linalg.norm(normals[..., :3], axis=2, keepdims=True)
    return _floats(_spread(normals, mask)[8:-8, 8:-8])


def _inflate(mask: Floats) -> Floats:
    """Heights 0 to 1 over a mask, zero at its rim and round as a cushion."""
    heights = mask
    reach = max(2, min(mask.shape) // 6)
    while reach >= 1:
        for _ in range(2):
            heights = _box_blur(heights, reach) * mask
        reach //= 2
    peak = float(heights.max()) or 1.0
    return np.asarray(np.sqrt(heights / peak), dtype=np.float32)


def _spread(normals: Floats, mask: Floats) -> Floats:
    # Normals bleed outwards over the rim, else the antialiased edge would catch a bright line of flat ones.
    solid = (mask > 0.6).astype(np.float32)
    weight = _box_blur(solid, 3) + 1e-4
    soft = np.dstack([_box_blur(normals[..., i] * solid, 3) / weight for i in range(3)])
    inside = _box_blur(solid, 1)[..., None]
    mixed = normals[..., :3] * inside + soft * (1 - inside)
    return np.dstack([mixed, np.ones_like(mask)]).astype(np.float32)


def _box_blur(values: Floats, reach: int) -> Floats:
    """The mean over a square of `reach` pixels to each side; what lies outside counts as nothing."""
    for axis in (0, 1):
        size = values.shape[axis]
        total = np.cumsum(values, axis=axis, dtype=np.float64)
        total = np.concatenate([np.zeros_like(np.take(total, [0], axis)), total], axis)
        index = np.arange(size)
        high = np.take(total, np.minimum(index + reach + 1, size), axis)
        low = np.take(total, np.maximum(index - reach, 0), axis)
        values = ((high - low) / (2 * reach + 1)).astype(np.float32)
    return values


def _box(cx: float, cy: float, rx: float, ry: float) -> skia.Rect:
    return skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry)


def _floats(data: Floats) -> skia.Image:
    return skia.Image.fromarray(np.ascontiguousarray(data, np.float32), skia.kRGBA_F32_ColorType)


def _image_shader(image: skia.Image) -> skia.Shader:
    clamp = skia.TileMode.kClamp
    return image.makeShader(clamp, clamp, skia.SamplingOptions(skia.FilterMode.kLinear))


def _skin_shader(skin: skia.Image | Rgb, alpha: float) -> skia.Shader:
    return skia.Shaders.Color(argb(skin, alpha)) if isinstance(skin, tuple) else _image_shader(skin)


@lru_cache(maxsize=4)
def _effect(source: str) -> skia.RuntimeEffect:
    return skia.RuntimeEffect.MakeForShader(source)


def sheet(width: int, height: int, *, under: Rgb, alpha: float = 1.0) -> tuple[skia.Surface, skia.Canvas]:
    """A flat sheet on which a skin is drawn before it is wrapped round a body."""
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(argb(under, alpha))
    return surface, canvas


def even(points: Sequence[Point]) -> tuple[Point, ...]:
    """A profile through the points by smooth steps, for shoulders and bellies without corners."""
    places, radii = np.array([p for p, _ in points]), np.array([r for _, r in points])
    fine = np.linspace(places[0], places[-1], 48)
    index = np.clip(np.searchsorted(places, fine, side="right") - 1, 0, len(places) - 2)
    share = (fine - places[index]) / (places[index + 1] - places[index])
    eased = share * share * (3 - 2 * share)
    curve = radii[index] + (radii[index + 1] - radii[index]) * eased
    return tuple(zip(fine.tolist(), curve.tolist(), strict=True))
