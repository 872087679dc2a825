"""Writes pillow-images.json beside this file: small images of the kinds that people have, made by Pillow or by hand, and the pixels
that Pillow shows of them, upright.
    python pillow-images.py     (Pillow with WebP and AVIF, numpy)"""
import base64, hashlib, io, json, os, struct
import numpy as np
from PIL import Image, ImageCms, ImageOps

WIDTH, HEIGHT = 27, 19
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
picture = Image.fromarray(np.stack([x * 255 // 26, y * 255 // 18, (x * y) % 256], -1).astype(np.uint8))
smooth = Image.fromarray(np.stack([x * 255 // 26, y * 255 // 18, (x + y) * 5], -1).astype(np.uint8))
alpha = picture.convert("RGBA")
alpha.putalpha(Image.fromarray((x * 9).astype(np.uint8)))
other = Image.new("RGB", picture.size, (9, 200, 9))
files, refused = [], []


def encoded(image, fmt, **options):
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def add(name, data, within=0, pixels=None):
    """`within`: how far a byte may be from Pillow's."""
    if pixels is None:
        image = Image.open(io.BytesIO(data))
        image.load()
        pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    raw = pixels.astype(np.uint8).tobytes()
    seen = {"sha256": hashlib.sha256(raw).hexdigest()} if within == 0 else {"pixels": base64.b64encode(raw).decode()}
    files.append({"name": name, "file": base64.b64encode(data).decode(), "width": pixels.shape[1], "height": pixels.shape[0], "within": within, **seen})


def refuse(name, data, reason):
    refused.append({"name": name, "file": base64.b64encode(data).decode(), "reason": reason})


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

# --- WebP --------------------------------------------------------------------------------------------------------------
add("lossy.webp", encoded(picture, "WEBP", quality=80))
add("lossless.webp", encoded(picture, "WEBP", lossless=True))
add("alpha.webp", encoded(alpha, "WEBP", lossless=True, exact=True))
add("alpha-lossy.webp", encoded(alpha, "WEBP", quality=80))
add("animated.webp", encoded(picture, "WEBP", save_all=True, append_images=[other], duration=100))
add("profile.webp", encoded(picture, "WEBP", icc_profile=icc))
for turn in range(2, 9):
    add(f"orientation-{turn}.webp", encoded(picture, "WEBP", lossless=True, exif=exif(turn).tobytes()))
add("exif-without-prefix-orientation-6.webp", encoded(picture, "WEBP", lossless=True, exif=exif(6).tobytes().removeprefix(b"Exif\0\0")))

# --- GIF ---------------------------------------------------------------------------------------------------------------
add("plain.gif", encoded(picture, "GIF"))
add("gray.gif", encoded(picture.convert("L"), "GIF"))
add("interlaced.gif", encoded(picture, "GIF", interlace=1))
add("transparent.gif", encoded(picture.quantize(64), "GIF", transparency=5))
add("animated.gif", encoded(picture, "GIF", save_all=True, append_images=[other], duration=100))


def gif(screen, at, size, transparent=None, own=False, shared=True):
    """A frame of 16 colours somewhere on its screen."""
    image = Image.fromarray((np.mgrid[0 : size[1], 0 : size[0]].sum(0) % 16).astype(np.uint8), "P")
    image.putpalette(b"".join(bytes([i * 16, 200 - i * 9, i * 3]) for i in range(16)))
    data = encoded(image, "GIF", optimize=False)
    end = 13 + 3 * (2 << (data[10] & 7))
    palette, frame = data[13:end], data.index(b",", end)
    out = data[:6] + struct.pack("<HHBBB", *screen, data[10] if shared else 0x70, 3, 0) + (palette if shared else b"")
    if transparent is not None:
        out += bytes([0x21, 0xF9, 4, 1, 0, 0, transparent, 0])
    return out + b"," + struct.pack("<HHHHB", *at, *size, 0x80 | (data[10] & 7) if own else 0) + (palette[::-1] if own else b"") + data[frame + 10 :]


add("small-frame.gif", gif((20, 16), (3, 4), (10, 8)))
add("small-transparent-frame.gif", gif((20, 16), (3, 4), (10, 8), transparent=5))
add("own-colours.gif", gif((20, 16), (3, 4), (10, 8), transparent=2, own=True))
add("only-own-colours.gif", gif((10, 8), (0, 0), (10, 8), own=True, shared=False))
refuse("no-colours.gif", gif((10, 8), (0, 0), (10, 8), shared=False), "no colours")
refuse("large-frame.gif", gif((6, 5), (0, 0), (10, 8)), "larger than its screen")

# --- BMP ---------------------------------------------------------------------------------------------------------------
for name, image in (("rgb", picture), ("gray", picture.convert("L")), ("bilevel", picture.convert("1")), ("palette", picture.quantize(200)), ("alpha", alpha)):
    add(f"{name}.bmp", encoded(image, "BMP"))
w, h = 13, 9
v, u = np.mgrid[0:h, 0:w]


def bmp(bits, pixels, coding=0, colours=b"", header=40, masks=b"", more=b"", top_down=False, num_colours=0):
    if header == 12:
        head = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, w, -h if top_down else h, 1, bits, coding, len(pixels), 0, 0, num_colours, 0) + more
        head = head.ljust(header, b"\0")
    offset = 14 + len(head) + len(masks) + len(colours)
    return struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset) + head + masks + colours + pixels


def packed(numbers, bits):
    lines = ("".join(format(int(n), f"0{bits}b")[::1] for n in line) for line in numbers)
    return b"".join(int(line.ljust(-(-len(line) // 32) * 32, "0"), 2).to_bytes(-(-len(line) // 32) * 4, "big") for line in lines)


def words(values, size):
    lines = (b"".join(int(value).to_bytes(size, "little") for value in line) for line in values)
    return b"".join(line + bytes(-len(line) % 4) for line in lines)


colours = [bytes([i * 17, 255 - i * 17, i * 5]) for i in range(16)]
four, three = b"".join(each + b"\0" for each in colours), b"".join(colours)
n = (u + v) % 16
add("4-bits.bmp", bmp(4, packed(n, 4), colours=four))
add("4-bits-os2.bmp", bmp(4, packed(n, 4), colours=three, header=12))
add("4-bits-os2-long.bmp", bmp(4, packed(n, 4), colours=four, header=64))
add("4-bits-top-down.bmp", bmp(4, packed(n, 4), colours=four, top_down=True))
add("5-colours.bmp", bmp(4, packed(n % 5, 4), colours=four[:20], num_colours=5))
v555, v565 = u * 2 | (v * 3) << 5 | ((u + v) & 31) << 10, u * 2 | (v * 6) << 5 | ((u + v) & 31) << 11
m565 = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
add("555.bmp", bmp(16, words(v555, 2)))
add("565.bmp", bmp(16, words(v565, 2), coding=3, masks=m565))
add("565-v4.bmp", bmp(16, words(v565, 2), coding=3, header=108, more=m565 + bytes(4)))
v32 = u * 19 | (v * 25) << 8 | ((u * v) & 255) << 16 | 99 << 24
add("32-bits.bmp", bmp(32, words(v32, 4)))
add("bgra-v5.bmp", bmp(32, words(v32, 4), coding=3, header=124, more=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)))
add("rgba-v4.bmp", bmp(32, words(v32, 4), coding=3, header=108, more=struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)))
add("xbgr.bmp", bmp(32, words(v32, 4), coding=3, masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)))
shades = b"".join(bytes([i, 255 - i, i * 7 % 256, 0]) for i in range(256))
run8 = b"".join(bytes([0, 5, 40 + r, 90, 3, r, 200, 0, 8, r * 20, 0, 0]) for r in range(h)) + b"\0\1"
add("rle8.bmp", bmp(8, run8, coding=1, colours=shades))
run4 = b"".join(bytes([4, 0x12, 0, 5, 0x34, 0x56, 0x70, 0, 4, 0x9A, 0, 0]) for _ in range(h)) + b"\0\1"
add("rle4.bmp", bmp(4, run4, coding=2, colours=four))
# Pillow reads no moves: line 0 has 5 pixels, line 2 has 4 from column 7 on, line 3 has all 13.
moved = np.zeros((h, w), int)
moved[0, :5], moved[2, 7:11], moved[3] = 40, 90, 7
shown = np.array([[i * 7 % 256, 255 - i, i] for i in range(256)])[moved[::-1]]
run_moved = bytes([5, 40, 0, 2, 2, 2, 4, 90, 0, 0, 13, 7, 0, 1])
add("rle8-moves.bmp", bmp(8, run_moved, coding=1, colours=shades), pixels=shown)
refuse("jpeg-inside.bmp", bmp(24, b"\xff\xd8", coding=4), "coding 4")
refuse("5-bits.bmp", bmp(5, bytes(99)), "5 bits a pixel")

# --- TIFF --------------------------------------------------------------------------------------------------------------
for coding in (None, "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
    add(f"{(coding or 'plain').removeprefix('tiff_')}.tiff", encoded(picture, "TIFF", compression=coding))
add("group4.tiff", encoded(picture.convert("1"), "TIFF", compression="group4"))
for mode in ("1", "L", "P", "LA", "RGBA", "CMYK"):
    add(f"mode-{mode}.tiff", encoded(alpha.convert(mode), "TIFF"))
sixteen = (np.asarray(picture.convert("L")).astype(np.uint16) * 250 + 77).astype(np.uint16)
# Pillow cuts numbers off at 255; the upper bytes are what is right.
add("16-bits.tiff", encoded(Image.fromarray(sixteen), "TIFF"), pixels=np.repeat((sixteen >> 8)[:, :, None], 3, 2))
add("big.tiff", encoded(picture, "TIFF", big_tiff=True))
add("pages.tiff", encoded(picture, "TIFF", save_all=True, append_images=[other]))
add("profile.tiff", encoded(picture, "TIFF", icc_profile=icc))
for turn in range(2, 9):
    add(f"orientation-{turn}.tiff", encoded(picture, "TIFF", exif=exif(turn), compression="tiff_lzw"))


def altered(data, tag, value):
    """A TIFF with another number in a tag of its first directory."""
    data = bytearray(data)
    at = struct.unpack_from("<I", data, 4)[0]
    for entry in range(struct.unpack_from("<H", data, at)[0]):
        if struct.unpack_from("<H", data, at + 2 + 12 * entry)[0] == tag:
            struct.pack_into("<H", data, at + 10 + 12 * entry, value)
    return bytes(data)


gray = encoded(picture.convert("L"), "TIFF")
add("white-is-zero.tiff", altered(gray, 262, 0))
refuse("zstd.tiff", encoded(picture, "TIFF", compression="zstd"), "Zstandard")
refuse("lzma.tiff", encoded(picture, "TIFF", compression="lzma"), "LZMA")
refuse("float.tiff", encoded(picture.convert("F"), "TIFF"), "floating-point")
refuse("ycbcr.tiff", encoded(picture.convert("YCbCr"), "TIFF"), "YCbCr")
refuse("lab.tiff", altered(encoded(picture, "TIFF"), 262, 8), "colours are of kind 8")
refuse("thumbnail.tiff", altered(encoded(picture, "TIFF", tiffinfo={254: 0}), 254, 1), "thumbnail")

# --- AVIF: libheif spreads chroma otherwise than libavif ------------------------------------------------------------------
add("444.avif", encoded(smooth, "AVIF", quality=90, subsampling="4:4:4"), within=1)
add("420.avif", encoded(smooth, "AVIF", quality=90, subsampling="4:2:0"), within=10)
add("gray.avif", encoded(smooth.convert("L"), "AVIF", quality=90, subsampling="4:0:0"))
add("alpha.avif", encoded(alpha, "AVIF", quality=90, subsampling="4:4:4"), within=1)
add("profile.avif", encoded(smooth, "AVIF", quality=90, subsampling="4:4:4", icc_profile=icc), within=1)
for turn in range(2, 9):
    add(f"orientation-{turn}.avif", encoded(smooth, "AVIF", quality=90, subsampling="4:4:4", exif=exif(turn)), within=1)
refuse("sequence.avif", encoded(smooth, "AVIF", save_all=True, append_images=[other]), "AVIF sequence")

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pillow-images.json"), "w") as out:
    out.write('{\n  "files": [\n    ' + ",\n    ".join(map(json.dumps, files)) + '\n  ],\n  "refused": [\n    ' + ",\n    ".join(map(json.dumps, refused)) + "\n  ]\n}\n")
