"""The account service: a person, their keyring and their vaults."""
