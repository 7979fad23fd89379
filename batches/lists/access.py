"""Who may see and do what: login first, then a permission, and a refusal that helps."""

from functools import wraps

from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied


def check(user, permission: str) -> None:
    """Raises PermissionDenied with the roles that have the permission."""
    if user.has_perm(permission):
        return
    app, codename = permission.split(".")
    roles = Group.objects.filter(
        permissions__content_type__app_label=app, permissions__codename=codename
    ).order_by("pk")
    names = " or ".join(dict.fromkeys(roles.values_list("name", flat=True)))
    raise PermissionDenied(
        f"This needs the role {names}. An administrator can grant it to you."
        if names
        else "No role includes this. An administrator can grant it to you."
    )


def needs(permission: str):
    """Decorates a view: visitors go to the login page, others need `permission`."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            check(request.user, permission)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class Needs(AccessMixin):
    """The same for classes: set `permission`."""

    permission = ""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        check(request.user, self.permission)
        return super().dispatch(request, *args, **kwargs)
