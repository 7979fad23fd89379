"""The five people of the story, one per role."""

from django.contrib.auth.models import User

from batches.operations.people import make_member

CAST = {
    "quinn": ("Quinn", "Osei", "Quality", "opens and leads recalls"),
    "paula": ("Paula", "Fischer", "Approver", "approves and closes them"),
    "otto": ("Otto", "Silva", "Operator", "enters data"),
    "vera": ("Vera", "Haddad", "Viewer", "looks things up"),
    "ada": ("Ada", "Novak", "Auditor", "checks what was done"),
}


def password(username: str) -> str:
    return f"{username}-demo"


def cast(now) -> dict[str, User]:
    people = {user.username: user for user in User.objects.filter(username__in=CAST)}
    for username, (first, last, role, _) in CAST.items():
        if username not in people:
            people[username] = make_member(
                username=username,
                password=password(username),
                role=role,
                email=f"{username}@granola.example",
                first_name=first,
                last_name=last,
                by=None,
                at=now,
            )
    return people
