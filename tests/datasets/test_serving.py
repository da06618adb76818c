"""Who gets a picture, and with which headers."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from datasets import access
from datasets.operations import upload_image
from tests.factories import FileFactory, MembershipFactory, picture_bytes

pytestmark = pytest.mark.django_db
VERSIONS = pytest.mark.parametrize("version", ["image", "thumbnail"])


@pytest.fixture
def file(people):
    return upload_image(
        organisation=people.organisation,
        actor=people.admin,
        title='x"; filename=evil.html\r\nSet-Cookie: a=b.jpg',
        content=picture_bytes(),
    )


@pytest.fixture
def reasons(monkeypatch):
    """The registered reasons of higher rooms, empty for this test."""
    monkeypatch.setattr(access, "_reasons", [])
    return access._reasons


def address(version: str, file, organisation=None) -> str:
    return reverse(f"datasets:{version}", args=[(organisation or file.organisation).slug, file.uuid])


@VERSIONS
def test_a_picture_comes_with_a_fixed_type_and_a_name_of_our_making(client, people, file, version):
    client.force_login(people.admin)
    answer = client.get(address(version, file))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{file.uuid}.jpg"'
    assert {"private", "immutable", "max-age=31536000"} <= set(answer.headers["Cache-Control"].split(", "))
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")


@VERSIONS
def test_the_entity_tag_is_the_files_identifier_and_nothing_else(client, people, file, version):
    client.force_login(people.admin)
    etag = client.get(address(version, file)).headers["ETag"]
    assert etag == f'"{file.uuid.hex}-{version}"'
    answer = client.get(address(version, file), headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


@VERSIONS
def test_a_member_without_a_reason_gets_the_same_as_for_an_absent_file(
    client, people, file, version, reasons
):
    client.force_login(people.member)
    assert client.get(address(version, file)).status_code == 404


@VERSIONS
def test_a_cached_picture_is_not_confirmed_to_somebody_who_may_not_see_it(
    client, people, file, version, reasons
):
    client.force_login(people.member)
    etag = f'"{file.uuid.hex}-{version}"'
    assert client.get(address(version, file), headers={"If-None-Match": etag}).status_code == 404


def test_a_higher_room_gives_a_reason_for_one_file_and_one_person(client, people, file, reasons):
    other = FileFactory(organisation=people.organisation)
    access.allow_file_access(lambda user, asked: (user, asked) == (people.member, file))
    client.force_login(people.member)
    assert client.get(address("image", file)).status_code == 200
    assert client.get(address("image", other)).status_code == 404


def test_a_reason_does_not_open_another_organisations_file(client, people, reasons):
    access.allow_file_access(lambda user, asked: True)
    foreign = FileFactory()
    client.force_login(people.member)
    assert client.get(address("image", foreign)).status_code == 404
    assert client.get(address("image", foreign, people.organisation)).status_code == 404


def test_somebody_who_left_the_organisation_gets_nothing(client, people, file):
    gone = MembershipFactory(organisation=people.organisation, admin=True, ended=True).user
    client.force_login(gone)
    assert client.get(address("image", file)).status_code == 404


def test_without_a_log_in_there_is_nothing(client, file):
    assert client.get(address("image", file)).status_code == 302


def test_missing_pixels_are_a_404_not_a_crash(client, people, file):
    default_storage.delete(file.display_key)
    client.force_login(people.admin)
    assert client.get(address("image", file)).status_code == 404


def test_only_reading_is_possible(client, people, file):
    client.force_login(people.admin)
    assert client.post(address("image", file)).status_code == 405
    assert client.head(address("image", file)).status_code == 200
