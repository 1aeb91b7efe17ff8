"""What is so in the lesson on the real thing follows from what was done, also where it is done otherwise."""

from __future__ import annotations

from dataclasses import replace

from simregistry import Client, LocalRepository, OciLayout, Registry, copy_image, per_blob
from simregistry.connect.real_client import recorded_push
from simregistry.study import webapp
from simregistry.table import Table
from simregistry.teach.predictions import real_truths as truths


def pushed() -> tuple[Registry, Client]:
    """A registry with version 1 of the web app, and the laptop that pushed it."""
    shop = Registry("registry.example")
    laptop = Client(registries=[shop])
    webapp.build(laptop, "v1")
    laptop.push("registry.example/web:v1")
    return shop, laptop


def test_the_folders_names_are_compared_with_the_registrys(tmp_path):
    """All, some, or none of them."""
    shop, _ = pushed()
    copy_image(LocalRepository(shop.storage, "web"), "v1", OciLayout(tmp_path / "layout"))
    files = [path.name for path in (tmp_path / "layout" / "blobs" / "sha256").iterdir()]
    assert truths.file_names(files, shop).right == "by the digests that this course computed"
    assert truths.file_names([*files, "0" * 64], shop).right == "by digests that only the folder knows"
    assert truths.file_names(["a", "b"], shop).right == "by names drawn at random"


def test_a_real_clients_questions_and_bytes_are_counted():
    """Of the recording, and of a push that had less to do."""
    shop, laptop = pushed()
    image = shop.manifest("web", "v1")
    recorded = recorded_push()
    assert truths.questions_a_layer(recorded, image) == 2
    assert truths.pushed_bytes(recorded, image).right == sum(blob.size for blob in image.layers) + image.config.size + (
        image.size
    )
    again = laptop.push("registry.example/web:v1").conversation
    assert truths.pushed_bytes(again, image).right == 0 and truths.questions_a_layer(again, image) == 0


def test_tables_are_compared_row_by_row():
    """The same, a row less, and the same rows with another content."""
    shop, _ = pushed()
    image = shop.manifest("web", "v1")
    table = per_blob(recorded_push(), {image.config.digest: "5 config"})
    assert truths.dialect(table, table).right == "the same as skopeo"
    shorter = replace(table, rows=table.rows[1:])
    assert truths.dialect(table, shorter).right == "less than skopeo"
    assert truths.dialect(table, shorter).facts["different"] == 1
    first, *others = table.rows
    swapped = replace(table, rows=((first[0], str(first[1])[::-1], first[2]), *others))
    assert truths.dialect(table, swapped).right == "the same, in another order"
    assert truths.layer_questions(Table(("about", "said"), (("1 base", "HEAD 404, PUT 201"),))) == 1
    assert truths.config_row(Table(("a", "b"), (("x", "HEAD 404, HEAD 404"), ("y", "HEAD 404")))) == 2


def test_a_status_an_archive_and_a_damaged_copy_are_read():
    """Each of the options can be right."""
    shop, _ = pushed()
    image = shop.manifest("web", "v1")
    assert [truths.by_hand(status).right[:3] for status in (200, 201, 202, 403)] == ["200", "201", "202", "403"]
    assert truths.archive_digest(image, image).right == "the one that it was built with"
    assert truths.image_id_row([("0" * 12, 1), (image.config.digest.short, 2)], image) == 2
    assert truths.flipped_bit(Registry("other.example"), "refused").right == "nothing"
    assert truths.flipped_bit(shop, "").right == "an image with one damaged layer"
    assert truths.flipped_bit(shop, "refused").right == "an image without its first layer"
