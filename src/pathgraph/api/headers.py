"""Headers that every answer has."""

from __future__ import annotations

__all__ = ["HEADERS", "PICTURES_POLICY", "POLICY"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; "
    "img-src 'self' data:{images}; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
POLICY = _POLICY.format(styles="", images="")
PICTURES_POLICY = _POLICY.format(styles=" 'unsafe-inline'", images=" blob:")
"""For pages with pictures: the libraries that draw them set styles in the page."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Addresses hold pseudonyms.
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
