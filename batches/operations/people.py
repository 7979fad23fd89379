"""Staff accounts and their roles."""

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record


@transaction.atomic
def make_member(*, username, password, role, email, by, at, first_name="", last_name="") -> User:
    """Makes an account with one role (`traceability.roles`); refuses a taken name.

    Everyone but a Viewer may use the admin, where permissions decide on each page.
    """
    if User.objects.filter(username=username).exists():
        raise ValidationError(f"There is a user “{username}” already. Choose another name.")
    group = Group.objects.filter(name=role).first()
    if group is None:
        raise ValidationError(f"There is no role “{role}”. Run manage.py migrate.")
    user = User.objects.create_user(
        username,
        email,
        password,
        first_name=first_name,
        last_name=last_name,
        is_staff=role != "Viewer",
    )
    user.groups.add(group)
    # The log carries no personal text: the account is named by its key.
    record(
        verb="member made", obj=user, by=by, at=at, after={"role": role}, label=f"user {user.pk}"
    )
    return user
