"""The names of a policy, written by `rolecall names`: write it anew when the policy changes."""

from typing import Final, Literal, TypeAlias

PermissionName: TypeAlias = Literal[
    "segments:view",
    "segments:edit",
    "segments:annotate",
    "settings/2fa:configure",
    "settings/access-management:view",
]


class Permission:
    """`resource:action`."""

    SEGMENTS_VIEW: Final = "segments:view"
    SEGMENTS_EDIT: Final = "segments:edit"
    SEGMENTS_ANNOTATE: Final = "segments:annotate"
    SETTINGS_2FA_CONFIGURE: Final = "settings/2fa:configure"
    SETTINGS_ACCESS_MANAGEMENT_VIEW: Final = "settings/access-management:view"


RoleName: TypeAlias = Literal[
    "editor-in-chief",
    "viewer",
]


class Role:
    """Roles of the policy; a directory has others as well."""

    EDITOR_IN_CHIEF: Final = "editor-in-chief"
    VIEWER: Final = "viewer"


LabelName: TypeAlias = Literal[
    "health.record",
    "pii",
]


class Label:
    """Sensitivity labels."""

    HEALTH_RECORD: Final = "health.record"
    PII: Final = "pii"


BoundaryName: TypeAlias = Literal[
    "domain",
]


class Boundary:
    """Boundaries."""

    DOMAIN: Final = "domain"


MenuName: TypeAlias = Literal[
    "main",
]


class Menu:
    """Menus."""

    MAIN: Final = "main"
