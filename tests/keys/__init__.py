"""The keys service, asked over HTTP."""
