"""What every test shares."""

from hypothesis import settings

# A busy machine may stall any example; slowness is measured elsewhere.
settings.register_profile("uniner", deadline=None)
settings.load_profile("uniner")
