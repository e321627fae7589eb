"""A child that cannot be imported."""

import no_such_package_anywhere  # type: ignore[import-not-found]  # noqa: F401  # missing on purpose
