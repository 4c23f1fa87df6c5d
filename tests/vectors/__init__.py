"""The bytes of KA1, made by the Python library and read by the tests of both languages."""
