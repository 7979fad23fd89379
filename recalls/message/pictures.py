"""Reading a picture that somebody uploads: by its content, and drawn anew."""

import io

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

# By what Pillow finds in the file; the name and what the browser says count for nothing.
_FORMATS = ("JPEG", "PNG", "WEBP")
UNREADABLE = "unreadable"
_PIXELS = 40_000_000
_EDGE = 1600


def refuse_large(size: int, most: int) -> None:
    if size > most:
        told = _("The file is too large. %(most)s MB is the most.") % {"most": most // 1_000_000}
        raise ValidationError({"picture": told})


def picture_of(upload) -> tuple[bytes, str, str]:
    """(content, content type, ending). Nothing but the picture is kept: no place where it was
    taken, no other data behind it. Refuses what is too large, and what is no picture."""
    refuse_large(upload.size, settings.PICTURE_MAX_BYTES)
    try:
        with Image.open(upload, formats=_FORMATS) as image:
            if image.width * image.height > _PIXELS:
                raise ValidationError({"picture": _("The picture has too many pixels. Shrink it.")})
            drawn = ImageOps.exif_transpose(image)
            drawn.thumbnail((_EDGE, _EDGE))
            return _written(drawn)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        said = _("This is no picture that can be read. Choose a JPEG, PNG or WebP file.")
        raise ValidationError({"picture": ValidationError(said, code=UNREADABLE)}) from None


def _written(image: Image.Image) -> tuple[bytes, str, str]:
    """PNG stays PNG where it has few colours, such as a drawing; a photo becomes a JPEG."""
    file = io.BytesIO()
    if image.mode == "P" or image.mode in {"1", "L"}:
        image.save(file, "PNG", optimize=True)
        return file.getvalue(), "image/png", "png"
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    flat.save(file, "JPEG", quality=82, optimize=True)
    return file.getvalue(), "image/jpeg", "jpg"
