"""Accounts: log in and out, one's own account, and the people of an administrator's part of the tree."""

from web.account import login, own, people

BLUEPRINTS = (login.login, own.account, people.people)
