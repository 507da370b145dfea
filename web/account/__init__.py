"""Accounts: log in and out, one's own account, and the people of an administrator's part of the tree."""

from web.account import deputies, login, own, people

BLUEPRINTS = (login.login, own.account, deputies.deputies, people.people)
