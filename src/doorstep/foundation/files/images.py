"""What a photo becomes before it is kept. Pure apart from Pillow: bytes in, bytes out."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 60_000_000
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 640
# The several pictures some phones put into one file (MPO) come in as JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# Pillow knows a few formats until it is told to learn the rest; asked for one it has not learnt it breaks.
Image.init()


class NotAPhoto(Exception):
    """The bytes are no picture of a kind we keep, whatever the file is called."""


class PhotoTooLarge(Exception):
    """More bytes or more pixels than we take."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo ready to be kept: JPEG, upright, without EXIF, position or colour profile."""

    full: bytes
    thumbnail: bytes
    width: int
    height: int


def read_photo(data: bytes) -> Photo:
    """Sniff, bound, turn upright and re-encode. Re-encoding is what removes the metadata and anything hidden behind the picture."""
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge(len(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise PhotoTooLarge(opened.width * opened.height)
                upright = ImageOps.exif_transpose(opened)
                flat = _flat(upright)
    except PhotoTooLarge:
        raise
    except Image.DecompressionBombError as error:
        raise PhotoTooLarge from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        # Pillow reports a broken file in all of these ways.
        raise NotAPhoto from error
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    small = flat.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Photo(full=_jpeg(flat, 86), thumbnail=_jpeg(small, 80), width=flat.width, height=flat.height)


def _flat(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGB", image.size, "white")
        with_alpha = image.convert("RGBA")
        ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
        return ground
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
