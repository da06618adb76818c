"""Tags: words that projects and datasets of one organisation carry."""

from django.db import transaction

from accounts.audit import record
from accounts.models import Organisation, Tag, User


@transaction.atomic
def create_tag(*, organisation: Organisation, actor: User, name: str) -> Tag:
    """Make a tag; the word is unique in the organisation (checked by the form, judged by a constraint)."""
    tag = Tag.objects.create(organisation=organisation, name=name)
    record(organisation=organisation, actor=actor, action="create tag", target=tag)
    return tag


@transaction.atomic
def rename_tag(*, tag: Tag, actor: User, name: str) -> Tag:
    """Change the word; everything that carries the tag shows the new one."""
    before = tag.name
    Tag.objects.filter(pk=tag.pk).update(name=name)
    tag.name = name
    record(
        organisation=tag.organisation,
        actor=actor,
        action="rename tag",
        target=tag,
        before={"name": before},
        after={"name": name},
    )
    return tag


@transaction.atomic
def delete_tag(*, tag: Tag, actor: User) -> None:
    """Take the tag off everything and delete it."""
    record(
        organisation=tag.organisation, actor=actor, action="delete tag", target=tag, before={"name": tag.name}
    )
    tag.delete()
