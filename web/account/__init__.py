"""Accounts: log in and out, one's own account, and the units and people of an administrator's part of the tree."""

from web.account import deputies, login, own, people, rosters, units

BLUEPRINTS = (login.login, own.account, deputies.deputies, people.people, rosters.rosters, units.units)
