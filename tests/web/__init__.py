"""The page in a real browser, and how it is built."""
