"""Routes that change data without an access token."""

# `test_security.py` checks that every other write needs a user.
OPEN_ROUTES = {
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/token"),
    ("POST", "/api/v1/auth/refresh"),
}
# -- Your own routes below this line. --
