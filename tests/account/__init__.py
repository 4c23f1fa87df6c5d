"""The account service, asked over HTTP."""
