"""The browser fixtures of the web tests, for whole stories."""

from tests.web.chromium import chrome, site, tab_of

__all__ = ["chrome", "site", "tab_of"]
