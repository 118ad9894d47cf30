"""Checked by mypy with the output of `rolecall names`: a name that the policy lacks is an error."""

from names import Boundary, Label, Menu, Permission, PermissionName, Role, RoleName

from rolecall import Session

edit: PermissionName = Permission.SEGMENTS_EDIT
role: RoleName = Role.EDITOR_IN_CHIEF
misspelt: PermissionName = "segments:veiw"  # type: ignore[assignment]


def use(session: Session) -> bool:
    session.menu(Menu.MAIN)
    session.check(edit, {"labels": [Label.PII], "boundaries": {Boundary.DOMAIN: ["shop.example"]}})
    session.can(Permission.SEGMENTS_DELETE)  # type: ignore[attr-defined]
    return session.can(Permission.SETTINGS_2FA_CONFIGURE)
