"""The client library against real services, files and connections."""
