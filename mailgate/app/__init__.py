"""The composition root: makes all rooms of one configuration, starts and stops them in order."""

from mailgate.app.house import ALL_ROLES, House, HouseRole

__all__ = ["ALL_ROLES", "House", "HouseRole"]
