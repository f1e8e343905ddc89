"""Official statistics: tidy region-by-year tables with their checks, and fetching them from SCB."""
