"""What all tests share: one deterministic profile, so that a test that passes once passes always."""

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, max_examples=100)
settings.load_profile("fixed")
