"""Photos: sniffed, bounded, without metadata, served to those they are meant for."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.files.actions import drop, give_in_turn, give_to_audience, keep_photo
from doorstep.foundation.files.images import LONGEST_SIDE, MAX_BYTES, THUMBNAIL_SIDE, NotAPhoto, PhotoTooLarge, read_photo
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.files.queries import file_for

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def picture(kind: str = "JPEG", size: tuple[int, int] = (80, 60), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1 if mode == "1" else "#a52").save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_of_the_usual_kinds_become_jpegs(kind: str) -> None:
    photo = read_photo(picture(kind))
    assert (opened(photo.full).format, opened(photo.thumbnail).format) == ("JPEG", "JPEG")
    assert (photo.width, photo.height) == (80, 60)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n",
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"GIF89a" + b"\0" * 20,
        picture("BMP"),
        picture("TIFF"),
        picture()[:200],
        picture("PNG")[:60],
    ],
    ids=["empty", "text", "svg", "html", "pdf", "fake jpeg", "fake png", "fake gif", "bmp", "tiff", "half a jpeg", "half a png"],
)
def test_what_is_no_photo_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        read_photo(data)


@pytest.mark.parametrize(
    "make",
    [lambda: b"\0" * (MAX_BYTES + 1), lambda: picture("PNG", (10_000, 10_000), "1"), lambda: picture("PNG", (20_000, 20_000), "1")],
    ids=["bytes", "pixels", "a bomb"],
)
def test_too_much_is_refused_before_it_is_unpacked(make: Callable[[], bytes]) -> None:
    data = make()
    with pytest.raises(PhotoTooLarge):
        read_photo(data)


def test_the_several_pictures_of_a_phones_file_become_one() -> None:
    out = io.BytesIO()
    first, second = Image.new("RGB", (80, 60), "#a52"), Image.new("RGB", (80, 60), "#25a")
    first.save(out, "MPO", save_all=True, append_images=[second])
    photo = read_photo(out.getvalue())
    assert opened(photo.full).format == "JPEG"
    assert (photo.width, photo.height) == (80, 60)


def test_nothing_of_where_when_and_by_what_it_was_taken_is_kept() -> None:
    exif = Image.Exif()
    exif[MAKER] = "A Phone"
    exif[GPS] = {1: "N", 2: (23.0, 1.0, 2.0)}
    taken = picture(exif=exif, comment=b"home address", icc_profile=b"profile" * 20) + b"PK\x03\x04 hidden behind"
    assert b"A Phone" in taken
    photo = read_photo(taken)
    for data in (photo.full, photo.thumbnail):
        kept = opened(data)
        assert dict(kept.getexif()) == {}
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(kept.info)
        for secret in (b"A Phone", b"home address", b"hidden behind", b"Exif"):
            assert secret not in data


def test_a_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = read_photo(picture(size=(80, 60), exif=exif))
    assert (photo.width, photo.height) == (60, 80)


def test_a_large_photo_is_made_smaller_and_a_small_one_is_left() -> None:
    photo = read_photo(picture(size=(4000, 1000)))
    assert (photo.width, photo.height) == (LONGEST_SIDE, 640)
    assert max(opened(photo.thumbnail).size) == THUMBNAIL_SIDE
    assert opened(read_photo(picture(size=(30, 20))).thumbnail).size == (30, 20)


def test_what_was_transparent_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    corner = opened(read_photo(out.getvalue()).full).getpixel((0, 0))
    assert isinstance(corner, tuple)
    assert min(corner) > 250


def on_disk(file: StoredFile) -> list[bool]:
    return [(Path(settings.HOME) / "files" / path).exists() for path in (file.path, file.thumbnail_path)]


def test_a_refused_photo_leaves_nothing_behind(town: Any) -> None:
    with pytest.raises(NotAPhoto):
        keep_photo(data=b"nothing", audience="public")
    assert not StoredFile.objects.exists()


def test_a_file_is_shown_to_its_audience_and_is_not_there_for_others(town: Any, client: Any, sign_in: Any) -> None:
    file = keep_photo(data=picture(), audience=f"body:{town.company.pk}", uploaded_by_id=town.luo.pk)
    assert file_for(town.viewer(town.luo), file.token) == file
    assert file_for(town.viewer(town.ye), file.token) is None
    address = f"/files/{file.token}/full.jpg"
    hidden, nothing = client.get(address), client.get("/files/no-such-token-at-all/full.jpg")
    assert (hidden.status_code, hidden.content) == (404, nothing.content)
    shown = sign_in("luo").get(address)
    assert shown.status_code == 200
    assert b"".join(shown)[:3] == b"\xff\xd8\xff"
    assert (shown["Content-Type"], shown["Cache-Control"], shown["Content-Disposition"]) == ("image/jpeg", "private, no-store", "inline")
    assert shown["X-Content-Type-Options"] == "nosniff"


def test_a_public_file_is_asked_for_anew_each_time(town: Any, client: Any) -> None:
    file = keep_photo(data=picture(), audience="draft:1")
    give_to_audience(file=file, audience="public")
    shown = client.get(f"/files/{file.token}/small.jpg")
    assert b"".join(shown)
    assert shown["Cache-Control"] == "private, no-cache"
    again = client.get(f"/files/{file.token}/small.jpg", headers={"if-none-match": shown["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert b"".join(client.get(f"/files/{file.token}/full.jpg", headers={"if-none-match": shown["ETag"]}))
    # Hidden, it is not there for a copy that was kept either.
    give_in_turn([file], before="public", after="body:0")
    assert client.get(f"/files/{file.token}/small.jpg", headers={"if-none-match": shown["ETag"]}).status_code == 404


def test_a_dropped_file_is_gone_from_the_disk_too(town: Any) -> None:
    file = keep_photo(data=picture(), audience="public")
    assert on_disk(file) == [True, True]
    drop(file=file)
    assert on_disk(file) == [False, False]
    assert not StoredFile.objects.exists()


def test_whoever_opens_what_is_not_public_is_noted_and_the_one_concerned_sees_it(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter(is_public=False)
    file = keep_photo(data=picture(), audience=f"matter:{matter.number}")
    for login in ("liu", "luo", "luo"):
        assert b"".join(sign_in(login).get(f"/files/{file.token}/full.jpg"))
    rows = AccessLog.objects.filter(kind="matter", subject=matter.number)
    assert [(row.person_id, row.about_person_id, row.why) for row in rows] == [(town.luo.pk, town.liu.pk, "handling")]
    told = sign_in("liu").get("/my/reads").content.decode()
    assert "罗建文" in told
    assert matter.number in told
    # A page and the photos on it are one opening; the next day's is another.
    with clock.shifted(timedelta(days=1)):
        client = sign_in("luo")
        assert client.get(f"/m/{matter.number}").status_code == 200
        assert b"".join(client.get(f"/files/{file.token}/small.jpg"))
    assert rows.all().count() == 2


def test_a_file_of_no_mechanism_concerns_whoever_uploaded_it(town: Any, client: Any, sign_in: Any) -> None:
    file = keep_photo(data=picture(), audience=f"body:{town.company.pk}", uploaded_by_id=town.lin.pk)
    open_to_all = keep_photo(data=picture(), audience="public", uploaded_by_id=town.lin.pk)
    own = keep_photo(data=picture(), audience=f"body:{town.company.pk}", uploaded_by_id=town.luo.pk)
    browser = sign_in("luo")
    for each in (file, open_to_all, own):
        assert b"".join(browser.get(f"/files/{each.token}/full.jpg"))
    # What one may not open, or asks for as what it is not, was not read.
    assert browser.get(f"/files/{file.token}/voice").status_code == 404
    assert sign_in("ye").get(f"/files/{file.token}/full.jpg").status_code == 404
    row = AccessLog.objects.get()
    assert (row.person_id, row.about_person_id, row.kind, row.subject, row.why) == (town.luo.pk, town.lin.pk, "file", str(file.pk), "file")
    assert "打开不公开的照片或文件" in sign_in("lin").get("/my/reads").content.decode()
