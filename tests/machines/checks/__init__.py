"""The rules of `machines check`, each against a checkout that breaks it."""
