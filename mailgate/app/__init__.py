"""The composition root: makes all rooms of one configuration, starts and stops them in order."""

from mailgate.app.service import ALL_ROLES, Role, Service

__all__ = ["ALL_ROLES", "Role", "Service"]
